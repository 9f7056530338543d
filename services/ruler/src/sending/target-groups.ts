import { type Discoverer, staticGroups, TargetFiles, type TargetGroup } from "@monotreme/discovery";
import type { DiscoveryConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";

/** Labels of one discovered address, `__address__` among them. */
export type DiscoveredTarget = Readonly<Record<string, string>>;

export interface TargetGroupsOptions {
  readonly logger: Logger;
  /** For the kinds that look for targets by themselves; undefined for those that are not supported. */
  readonly createDiscoverer: (config: DiscoveryConfig) => Discoverer | undefined;
  /** Called whenever one of those has found something. */
  readonly onFound: () => void;
}

/** Where targets come from: what it says now, without waiting for anything but files. */
interface Source {
  read(): Promise<readonly TargetGroup[]>;
  close(): Promise<void>;
}

/** The targets of all discovery configurations of a section; what cannot be asked keeps what it said before. */
export class TargetGroups {
  /** Whether anything may change without a reload. */
  readonly isDynamic: boolean;
  readonly #sources: readonly Source[];

  constructor(discovery: readonly DiscoveryConfig[], options: TargetGroupsOptions) {
    this.isDynamic = discovery.some(({ kind }) => kind !== "static" && kind !== "unsupported");
    this.#sources = discovery.map((config) => sourceOf(config, options));
  }

  async read(): Promise<readonly DiscoveredTarget[]> {
    const groups = await Promise.all(this.#sources.map(async (source) => source.read()));
    return groups.flat().flatMap(({ targets, labels }) => targets.map((target) => ({ ...labels, ...target })));
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map(async (source) => source.close()));
  }
}

function sourceOf(config: DiscoveryConfig, { logger, createDiscoverer, onFound }: TargetGroupsOptions): Source {
  const close = async (): Promise<void> => undefined;
  if (config.kind === "static") {
    const groups = staticGroups(config.groups);
    return { read: async () => groups, close };
  }
  if (config.kind === "file") {
    const files = new TargetFiles({ patterns: config.patterns, logger });
    return { read: async () => files.read(), close };
  }
  return followedSource(createDiscoverer(config), onFound);
}

function followedSource(discoverer: Discoverer | undefined, onFound: () => void): Source {
  let groups: readonly TargetGroup[] = [];
  discoverer?.start((found) => {
    groups = found;
    onFound();
  });
  return { read: async () => groups, close: async () => discoverer?.close() };
}
