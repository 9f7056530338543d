export const DEFAULT_PORTS: Readonly<Record<string, number>>;

export interface RoleAddress {
  readonly host: string;
  readonly port: number;
  readonly prefix: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function checkHealth(
  flags: readonly string[],
  containerCommand?: readonly string[],
  environment?: Environment,
): Promise<number>;

export function addressOf(command: readonly string[], environment: Environment): RoleAddress | undefined;
