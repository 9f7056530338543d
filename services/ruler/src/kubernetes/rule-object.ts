import { messageOf } from "@monotreme/errors";
import { type JsonObject, objectOf, type ObjectName, textOf } from "@monotreme/discovery";
import { parseRuleData, type ParseRulesOptions, RuleFileError, type RuleGroupConfig } from "@monotreme/rules";

/** Kubernetes itself takes objects of 1.5 MiB; reading the rules of a larger one would stop everything else too long. */
const MAX_OBJECT_BYTES = 2 * 2 ** 20;

/** Fields of groups that only operators act on. */
const OPERATORS_FIELDS: ReadonlySet<string> = new Set(["partial_response_strategy"]);

const OBJECT_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** What is kept of a PrometheusRule. */
export interface RuleObject extends ObjectName {
  /** Another object of the same name has another one. */
  readonly uid: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** `spec` as JSON, with what rules are made of; undefined where that cannot be kept. */
  readonly spec: string | undefined;
  readonly sizeBytes: number;
}

/** Takes from an object what rules need, whatever the server sent. */
export function readRuleObject(json: JsonObject): RuleObject {
  const metadata = objectOf(json["metadata"]);
  const spec = specText(json["spec"]);
  const sizeBytes = spec === undefined ? 0 : Buffer.byteLength(spec);
  return {
    namespace: textOf(metadata["namespace"]),
    name: textOf(metadata["name"]),
    uid: textOf(metadata["uid"]),
    createdAt: textOf(metadata["creationTimestamp"]),
    spec: sizeBytes > MAX_OBJECT_BYTES ? undefined : spec,
    sizeBytes,
  };
}

/** How an object's groups are shown as those of a file, in every replica alike. */
export function fileOfObject({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`;
}

/** The groups of an object, as a rule file's are read. Throws {@link RuleFileError} with every fault. */
export function groupsOfObject(object: RuleObject, options: ParseRulesOptions): readonly RuleGroupConfig[] {
  const name = fileOfObject(object);
  const { spec, sizeBytes } = object;
  if (!OBJECT_NAME.test(object.namespace) || !OBJECT_NAME.test(object.name)) {
    throw new RuleFileError([`${JSON.stringify(name)}: not a namespace and name of Kubernetes`]);
  }
  if (spec === undefined) {
    const isLarge = sizeBytes > MAX_OBJECT_BYTES;
    throw new RuleFileError([
      isLarge ? `${name}: ${sizeBytes} bytes of rules, more than ${MAX_OBJECT_BYTES}` : `${name}: nested too deeply`,
    ]);
  }
  try {
    const data: unknown = JSON.parse(spec);
    return parseRuleData({ name, data }, options);
  } catch (error) {
    if (error instanceof RuleFileError) throw error;
    throw new RuleFileError([`${name}: ${messageOf(error)}`], error);
  }
}

/** Undefined for what no JSON writer takes: it is nested too deeply. */
function specText(spec: unknown): string | undefined {
  try {
    return JSON.stringify(withoutOperatorsFields(spec ?? {}));
  } catch {
    return undefined;
  }
}

function withoutOperatorsFields(spec: unknown): unknown {
  const { groups, ...others } = objectOf(spec);
  if (!Array.isArray(groups)) return spec;
  return { ...others, groups: groups.map(withoutFields) };
}

function withoutFields(group: unknown): unknown {
  if (typeof group !== "object" || group === null || Array.isArray(group)) return group;
  return Object.fromEntries(Object.entries(group).filter(([field]) => !OPERATORS_FIELDS.has(field)));
}
