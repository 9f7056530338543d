import { isMap, isScalar, isSeq, type Node, Scalar } from "yaml";
import type { ConfigDocument } from "./config-document.ts";

export interface ConfigEntry {
  readonly name: string;
  /** Where the key itself stands. */
  readonly key: ConfigNode;
  readonly value: ConfigNode;
}

const NULL_TEXTS = new Set(["", "~", "null", "Null", "NULL"]);

/** A YAML value with its place in the file; what it means is up to the schema that decodes it. */
export class ConfigNode {
  readonly document: ConfigDocument;
  readonly #node: Node | null;
  readonly #offset: number;

  /** `fallbackOffset` is the place to name where the value is missing. */
  constructor(document: ConfigDocument, node: Node | null, fallbackOffset: number) {
    this.document = document;
    this.#offset = node?.range?.[0] ?? fallbackOffset;
    this.#node = document.resolve(node);
  }

  get isNull(): boolean {
    if (this.#node === null) return true;
    return isScalar(this.#node) && this.#node.type === Scalar.PLAIN && NULL_TEXTS.has(this.#node.source ?? "");
  }

  /** The text of a scalar as written, quotes and escapes resolved; undefined for anything else. */
  get text(): string | undefined {
    if (!isScalar(this.#node) || this.isNull) return undefined;
    const value: unknown = this.#node.value;
    return this.#node.source ?? (typeof value === "string" ? value : undefined);
  }

  /** Whether a text stands without quotes, so that YAML may mean a number or a truth value by it. */
  get isPlain(): boolean {
    return isScalar(this.#node) && this.#node.type === Scalar.PLAIN;
  }

  /** How messages name what stands here. */
  get description(): string {
    if (this.isNull) return "nothing";
    if (isMap(this.#node)) return "a mapping";
    return isSeq(this.#node) ? "a list" : JSON.stringify(this.text ?? "");
  }

  /** The items of a list, or undefined where this is none. */
  items(): readonly ConfigNode[] | undefined {
    if (!isSeq<Node | null>(this.#node)) return undefined;
    return this.#node.items.map((item) => new ConfigNode(this.document, item, this.#offset));
  }

  /**
   * The entries of a mapping, merge keys (`<<`) resolved with the mapping's own keys first, or undefined where this
   * is none.
   */
  entries(): readonly ConfigEntry[] | undefined {
    if (!isMap<Node | null, Node | null>(this.#node)) return undefined;
    const own: ConfigEntry[] = [];
    const merged: ConfigEntry[] = [];
    for (const pair of this.#node.items) {
      const key = new ConfigNode(this.document, pair.key, this.#offset);
      const value = new ConfigNode(this.document, pair.value, key.#offset);
      if (key.text === "<<") merged.push(...mergedEntries(value));
      else if (key.text === undefined) key.fault(`expected a field name, found ${key.description}`);
      else own.push({ name: key.text, key, value });
    }
    const names = new Set(own.map((entry) => entry.name));
    for (const entry of merged) {
      if (names.has(entry.name)) continue;
      names.add(entry.name);
      own.push(entry);
    }
    return own;
  }

  fault(text: string): void {
    this.document.addFault(this.#offset, text);
  }

  warn(text: string): void {
    this.document.addWarning(this.#offset, text);
  }
}

function mergedEntries(value: ConfigNode): readonly ConfigEntry[] {
  const single = value.entries();
  if (single !== undefined) return single;
  const sources = value.items();
  if (sources === undefined) value.fault(`expected a mapping to merge, found ${value.description}`);
  return (sources ?? []).flatMap((source) => source.entries() ?? []);
}
