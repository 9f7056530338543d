import { AppError, messageOf } from "@monotreme/errors";
import { parseRuleGroup, type ParseRulesOptions, printRuleGroup, type RuleGroupConfig } from "@monotreme/rules";
import type { Logger } from "@monotreme/telemetry";

/** A rule group that was made by API. */
export interface StoredGroup {
  readonly tenant: string;
  readonly namespace: string;
  readonly group: RuleGroupConfig;
}

/** The part of a JetStream bucket that the store needs. */
export interface GroupBucket {
  put(key: string, value: string): Promise<number>;
  delete(key: string): Promise<void>;
}

/** A change in the bucket. */
export interface GroupEntry {
  readonly key: string;
  readonly operation: string;
  string(): string;
}

/** Groups or namespaces that do not exist. */
export class RuleGroupNotFoundError extends AppError {
  constructor(what: "group" | "group namespace") {
    super("RULE_GROUP_NOT_FOUND", "not-found", `${what} does not exist`);
  }
}

/** One tenant has as many groups as it may have. */
export class TooManyRuleGroupsError extends AppError {
  constructor(limit: number) {
    super("RULE_GROUPS_TOO_MANY", "limit", `a tenant may have ${limit} rule groups at most`);
  }
}

/** Groups of one tenant at most; each is kept in the memory of every ruler. */
const MAX_GROUPS_PER_TENANT = 5000;

/**
 * The rule groups made by API, in a bucket that all rulers follow. What stands in the bucket counts: `onEntry` takes its
 * changes, also those made here.
 */
export class GroupStore {
  readonly #bucket: GroupBucket;
  readonly #options: ParseRulesOptions;
  readonly #onChange: () => void;
  readonly #logger: Logger;
  readonly #groups = new Map<string, StoredGroup>();

  constructor(bucket: GroupBucket, options: ParseRulesOptions, onChange: () => void, logger: Logger) {
    this.#bucket = bucket;
    this.#options = options;
    this.#onChange = onChange;
    this.#logger = logger;
  }

  get all(): readonly StoredGroup[] {
    return [...this.#groups.values()];
  }

  /** Sorted by name. */
  groupsOf(tenant: string, namespace: string): readonly RuleGroupConfig[] {
    return this.all
      .filter((stored) => stored.tenant === tenant && stored.namespace === namespace)
      .map(({ group }) => group)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Sorted. */
  namespacesOf(tenant: string): readonly string[] {
    const own = this.all.filter((stored) => stored.tenant === tenant).map(({ namespace }) => namespace);
    return [...new Set(own)].sort();
  }

  /** Throws `RULE_GROUP_NOT_FOUND`. */
  group(tenant: string, namespace: string, name: string): RuleGroupConfig {
    const found = this.#groups.get(keyOf(tenant, namespace, name));
    if (found === undefined) throw new RuleGroupNotFoundError("group");
    return found.group;
  }

  /** Makes or changes a group; visible when this resolves. */
  async put(tenant: string, namespace: string, group: RuleGroupConfig): Promise<void> {
    const key = keyOf(tenant, namespace, group.name);
    const isNew = !this.#groups.has(key);
    const count = this.all.filter((stored) => stored.tenant === tenant).length;
    if (isNew && count >= MAX_GROUPS_PER_TENANT) throw new TooManyRuleGroupsError(MAX_GROUPS_PER_TENANT);
    await this.#bucket.put(key, JSON.stringify({ tenant, namespace, text: printRuleGroup(group) }));
    this.#set(key, { tenant, namespace, group });
  }

  /** Throws `RULE_GROUP_NOT_FOUND`. */
  async remove(tenant: string, namespace: string, name: string): Promise<void> {
    this.group(tenant, namespace, name);
    const key = keyOf(tenant, namespace, name);
    await this.#bucket.delete(key);
    this.#set(key, undefined);
  }

  /** Removes a whole namespace; throws `RULE_GROUP_NOT_FOUND` for an empty one. */
  async removeNamespace(tenant: string, namespace: string): Promise<void> {
    const groups = this.groupsOf(tenant, namespace);
    if (groups.length === 0) throw new RuleGroupNotFoundError("group namespace");
    for (const { name } of groups) await this.remove(tenant, namespace, name);
  }

  /** What the bucket says; a group that cannot be read is logged and passed over. */
  onEntry(entry: GroupEntry): void {
    this.#set(entry.key, entry.operation === "PUT" ? this.#decode(entry) : undefined);
  }

  onMissing(key: string): void {
    this.#set(key, undefined);
  }

  #set(key: string, stored: StoredGroup | undefined): void {
    const before = this.#groups.get(key);
    if (stored === undefined) this.#groups.delete(key);
    else this.#groups.set(key, stored);
    const isSame =
      before === undefined || stored === undefined
        ? before === stored
        : printRuleGroup(before.group) === printRuleGroup(stored.group);
    if (!isSame) this.#onChange();
  }

  #decode(entry: GroupEntry): StoredGroup | undefined {
    try {
      const { tenant, namespace, text } = storedFields(JSON.parse(entry.string()));
      return { tenant, namespace, group: parseRuleGroup({ fileName: namespace, text }, this.#options) };
    } catch (error) {
      this.#logger.error({ key: entry.key, reason: messageOf(error) }, "rule group cannot be read");
      return undefined;
    }
  }
}

function storedFields(value: unknown): { tenant: string; namespace: string; text: string } {
  if (typeof value === "object" && value !== null && "tenant" in value && "namespace" in value && "text" in value) {
    const { tenant, namespace, text } = value;
    if (typeof tenant === "string" && typeof namespace === "string" && typeof text === "string") {
      return { tenant, namespace, text };
    }
  }
  throw new Error("expected tenant, namespace and text");
}

/** Names may hold anything; keys may not. */
function keyOf(tenant: string, namespace: string, name: string): string {
  return [tenant, namespace, name].map((part) => Buffer.from(part).toString("base64url")).join(".");
}
