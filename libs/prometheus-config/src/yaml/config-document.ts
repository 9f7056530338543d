import { type Alias, type Document, isAlias, LineCounter, type Node, visit, type YAMLError } from "yaml";
import { ConfigNode } from "./config-node.ts";
import { parseYaml } from "./parse-yaml.ts";
import { nodesOfPlainData } from "./plain-nodes.ts";

/** Aliases may make a small file decode into a huge tree; no honest file comes near this many values. */
const MAX_DECODED_NODES = 300_000;

const TOO_DEEP = "nested too deeply";

interface Note {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What JSON has, in the place of a YAML text. */
export interface PlainData {
  readonly data: unknown;
}

export interface ConfigDocumentOptions {
  /** How messages name the file. */
  readonly fileName: string;
  /** Where relative paths in the file start. */
  readonly folder: string;
  /** What follows a second `---` is passed over instead of being a fault. */
  readonly firstDocumentOnly?: boolean;
}

/** One YAML file, or data of the same form, with the faults and warnings found in it so far. */
export class ConfigDocument {
  readonly fileName: string;
  readonly folder: string;
  readonly root: ConfigNode;
  readonly #aliasTargets: ReadonlyMap<Alias, Node>;
  readonly #lines = new LineCounter();
  /** Of data: where each of its nodes stands. */
  readonly #places: readonly string[] | undefined;
  readonly #faults: Note[] = [];
  readonly #warnings: Note[] = [];
  #decodedNodes = 0;

  constructor(source: string | PlainData, options: ConfigDocumentOptions) {
    this.fileName = options.fileName;
    this.folder = options.folder;
    if (typeof source !== "string") {
      const nodes = nodesOfPlainData(source.data);
      this.#places = nodes?.places ?? [];
      this.#aliasTargets = new Map();
      this.root = new ConfigNode(this, nodes?.root ?? null, 0);
      if (nodes === undefined) this.addFault(0, TOO_DEEP);
      return;
    }
    // The failsafe schema leaves every scalar as text: the field that wants it decides what it means.
    const parsed = parseYaml(source, { schema: "failsafe", lineCounter: this.#lines });
    if (parsed === undefined) this.addFault(0, TOO_DEEP);
    this.#aliasTargets = parsed === undefined ? new Map() : findAliasTargets(parsed.document);
    const isFurther = (error: YAMLError): boolean =>
      options.firstDocumentOnly === true && error.code === "MULTIPLE_DOCS";
    for (const error of parsed?.errors ?? [])
      if (!isFurther(error)) this.#faults.push(this.#noteAt(error.pos[0], syntaxMessage(error)));
    this.root = new ConfigNode(this, parsed?.document.contents ?? null, 0);
  }

  get faultCount(): number {
    return this.#faults.length;
  }

  /** `file:line:column: text`, in the file's order; of data `name: groups[0].rules[1].expr: text`. */
  get faults(): readonly string[] {
    return this.#inOrder(this.#faults);
  }

  get warnings(): readonly string[] {
    return this.#inOrder(this.#warnings);
  }

  addFault(offset: number, text: string): void {
    this.#faults.push(this.#noteAt(offset, text));
  }

  addWarning(offset: number, text: string): void {
    this.#warnings.push(this.#noteAt(offset, text));
  }

  /** The node an alias stands for, or the node itself; null where the alias names nothing or the file is a bomb. */
  resolve(node: Node | null): Node | null {
    this.#decodedNodes++;
    if (this.#decodedNodes === MAX_DECODED_NODES) this.addFault(0, "the file's aliases expand to too many values");
    if (this.#decodedNodes >= MAX_DECODED_NODES) return null;
    if (!isAlias(node)) return node;
    const target = this.#aliasTargets.get(node);
    if (target !== undefined) return target;
    this.addFault(node.range?.[0] ?? 0, `alias *${node.source} has no anchor &${node.source} before it`);
    return null;
  }

  #noteAt(offset: number, text: string): Note {
    if (this.#places !== undefined) return { line: offset, column: 1, text };
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), text };
  }

  #inOrder(notes: readonly Note[]): readonly string[] {
    return notes
      .toSorted((a, b) => a.line - b.line || a.column - b.column)
      .map(({ line, column, text }) => `${this.fileName}:${this.#placeOf(line, column)} ${text}`);
  }

  #placeOf(line: number, column: number): string {
    if (this.#places === undefined) return `${line}:${column}:`;
    const place = this.#places[line] ?? "";
    return place === "" ? "" : ` ${place}:`;
  }
}

/** What each alias stands for: the latest anchor of its name before it. One walk, because aliases can be many. */
function findAliasTargets(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** What was expected, in words for someone who does not know YAML's grammar by heart. */
const SYNTAX_MESSAGES: ReadonlyMap<string, string> = new Map([
  ["BLOCK_AS_IMPLICIT_KEY", "expected one value here; a value that contains `: ` needs quotes"],
  ["DUPLICATE_KEY", "this key is set twice in one mapping; expected each key once"],
  ["MULTIPLE_DOCS", "expected one document in the file, found `---` and a second one"],
  ["TAB_AS_INDENT", "expected spaces for indentation, found a tab"],
]);

function syntaxMessage(error: YAMLError): string {
  return `broken YAML: ${SYNTAX_MESSAGES.get(error.code) ?? error.message}`;
}
