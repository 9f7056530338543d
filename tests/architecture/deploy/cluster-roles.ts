import type { Cluster, Container, Workload } from "./cluster.ts";
import type { RoleCommand } from "./roles.ts";

/** The workload of a name; throws where there is none. */
export function roleNamed(roles: readonly Workload[], name: string): Workload {
  const found = roles.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** The command of a role's container, with its variables filled in as Kubernetes does. */
export function commandOf(cluster: Cluster, workload: Workload): RoleCommand {
  const [container] = workload.spec.template.spec.containers;
  if (container === undefined) throw new Error(`${workload.metadata.name} has no container`);
  const [role = "", ...argv] = container.args;
  return { role, argv, environment: environmentOf(cluster, container) };
}

function environmentOf({ configMaps }: Cluster, { env }: Container): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of env) {
    const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
    const fromMap = configMapKeyRef && configMaps.get(configMapKeyRef.name)?.[configMapKeyRef.key];
    if (configMapKeyRef !== undefined && fromMap === undefined)
      throw new Error(`${name}: no ${configMapKeyRef.name}/${configMapKeyRef.key}`);
    const text = value ?? fromMap ?? (secretKeyRef === undefined ? "" : "secret");
    environment[name] = text.replaceAll(/\$\(([A-Z_]+)\)/g, (whole, other: string) => {
      if (environment[other] === undefined) throw new Error(`${name}: ${whole} is not set before it`);
      return environment[other];
    });
  }
  return environment;
}

/** The servers that a role's variables name. */
export function addressesOf(command: RoleCommand | undefined): URL[] {
  const entries = Object.entries(command?.environment ?? {}).filter(([name]) => /^MONOTREME_.*_URL$/.test(name));
  return entries.map(([, url]) => new URL(url ?? ""));
}

/** The text of a file in a role's container, from the ConfigMap that is mounted there. */
export function mountedText(cluster: Cluster, workload: Workload, path: string): string | undefined {
  const { containers, volumes } = workload.spec.template.spec;
  const mount = containers[0]?.volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
  const map = volumes.find(({ name }) => name === mount?.name)?.configMap;
  return map && cluster.configMaps.get(map.name)?.[path.slice((mount?.mountPath.length ?? 0) + 1)];
}
