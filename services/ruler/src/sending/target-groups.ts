import { readFile } from "node:fs/promises";
import { messageOf } from "@monotreme/errors";
import {
  ConfigDocument,
  type DiscoveryConfig,
  expandFilePattern,
  list,
  mapping,
  record,
  text,
  withDefault,
} from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";

/** Labels of one discovered address, `__address__` among them. */
export type DiscoveredTarget = Readonly<Record<string, string>>;

const targetFile = list(
  mapping({
    name: "a target group",
    fields: {
      targets: withDefault(list(text, "targets"), []),
      labels: withDefault(record(text, "label values", ""), {}),
    },
  }),
  "target groups",
);

/** Reads static and file discovery; a file that cannot be read keeps what it said before. */
export class TargetGroups {
  readonly #discovery: readonly DiscoveryConfig[];
  readonly #logger: Logger;
  readonly #lastOf = new Map<string, readonly DiscoveredTarget[]>();

  constructor(discovery: readonly DiscoveryConfig[], logger: Logger) {
    this.#discovery = discovery;
    this.#logger = logger;
  }

  /** Whether anything may change without a reload. */
  get isDynamic(): boolean {
    return this.#discovery.some(({ kind }) => kind === "file");
  }

  async read(): Promise<readonly DiscoveredTarget[]> {
    const found: DiscoveredTarget[] = [];
    for (const config of this.#discovery) {
      if (config.kind === "static")
        found.push(...config.groups.flatMap(({ targets, labels }) => withLabels(targets, labels)));
      else if (config.kind === "file")
        for (const pattern of config.patterns) found.push(...(await this.#readPattern(pattern)));
    }
    return found;
  }

  async #readPattern(pattern: string): Promise<readonly DiscoveredTarget[]> {
    try {
      const paths = await expandFilePattern(pattern);
      return (await Promise.all(paths.map(async (path) => this.#readFile(path)))).flat();
    } catch (error) {
      this.#logger.error({ path: pattern, reason: messageOf(error) }, "target files not found");
      return [];
    }
  }

  async #readFile(path: string): Promise<readonly DiscoveredTarget[]> {
    try {
      const document = new ConfigDocument(await readFile(path, "utf8"), { fileName: path, folder: "." });
      const groups = document.root.isNull ? [] : targetFile.decode(document.root);
      if (groups === undefined || document.faultCount > 0) throw new Error(document.faults.join("; "));
      const targets = groups.flatMap((group) => withLabels(group.targets, { ...group.labels, __meta_filepath: path }));
      this.#lastOf.set(path, targets);
      return targets;
    } catch (error) {
      this.#logger.error({ path, reason: messageOf(error) }, "target file not read");
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      return isMissing ? [] : (this.#lastOf.get(path) ?? []);
    }
  }
}

function withLabels(targets: readonly string[], labels: Readonly<Record<string, string>>): DiscoveredTarget[] {
  return targets.map((address) => ({ ...labels, __address__: address }));
}
