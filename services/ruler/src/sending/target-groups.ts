import { staticGroups, TargetFiles, type TargetGroup } from "@monotreme/discovery";
import type { DiscoveryConfig } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";

/** Labels of one discovered address, `__address__` among them. */
export type DiscoveredTarget = Readonly<Record<string, string>>;

/** Reads static and file discovery; a file that cannot be read keeps what it said before. */
export class TargetGroups {
  /** Whether anything may change without a reload. */
  readonly isDynamic: boolean;
  readonly #sources: readonly (() => Promise<readonly TargetGroup[]>)[];

  constructor(discovery: readonly DiscoveryConfig[], logger: Logger) {
    this.isDynamic = discovery.some(({ kind }) => kind === "file");
    this.#sources = discovery.map((config) => sourceOf(config, logger));
  }

  async read(): Promise<readonly DiscoveredTarget[]> {
    const groups = await Promise.all(this.#sources.map(async (source) => source()));
    return groups.flat().flatMap(({ targets, labels }) => targets.map((target) => ({ ...labels, ...target })));
  }
}

function sourceOf(config: DiscoveryConfig, logger: Logger): () => Promise<readonly TargetGroup[]> {
  switch (config.kind) {
    case "static":
      return async () => staticGroups(config.groups);
    case "file": {
      const files = new TargetFiles({ patterns: config.patterns, logger });
      return async () => files.read();
    }
    case "unsupported":
      return async () => [];
  }
}
