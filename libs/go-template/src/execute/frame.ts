import { quoteGo } from "../fmt/quote.ts";
import type { TemplateNode, TemplateTree } from "../parse/node.ts";
import { printNode } from "../parse/print-node.ts";
import { TemplateExecuteError } from "../template-error.ts";
import { mendText } from "../value/go-string.ts";
import type { GoValue } from "../value/go-value.ts";

interface Variable {
  readonly name: string;
  value: GoValue;
}

/** One running template: its variables, and the node it is at, for errors. */
export class Frame {
  readonly tree: TemplateTree;
  readonly depth: number;
  readonly #variables: Variable[];
  #node: TemplateNode | undefined;

  constructor(tree: TemplateTree, data: GoValue, depth: number) {
    this.tree = tree;
    this.depth = depth;
    this.#variables = [{ name: "$", value: data }];
  }

  at(node: TemplateNode): void {
    this.#node = node;
  }

  /** Number of variables; given to `pop` at the end of a block. */
  mark(): number {
    return this.#variables.length;
  }

  pop(mark: number): void {
    this.#variables.length = mark;
  }

  push(name: string, value: GoValue): void {
    this.#variables.push({ name, value });
  }

  get(name: string): GoValue {
    return this.#find(name).value;
  }

  set(name: string, value: GoValue): void {
    this.#find(name).value = value;
  }

  /** Sets the variable that is the nth from the top. */
  setFromTop(n: number, value: GoValue): void {
    const variable = this.#variables[this.#variables.length - n];
    if (variable !== undefined) variable.value = value;
  }

  #find(name: string): Variable {
    return this.#variables.findLast((variable) => variable.name === name) ?? this.fail(`undefined variable: ${name}`);
  }

  fail(text: string, cause?: unknown): never {
    const message = mendText(text);
    const node = this.#node;
    const name = this.tree.name;
    if (node === undefined) throw new TemplateExecuteError(`template: ${name}: ${message}`, { cause });
    const before = node.source.text.slice(0, node.pos);
    const lineStart = before.lastIndexOf("\n") + 1;
    const line = before.split("\n").length;
    const column = Buffer.byteLength(before.slice(lineStart));
    throw new TemplateExecuteError(
      `template: ${node.source.parseName}:${line}:${column}: executing ${quoteGo(name)} at <${printNode(node)}>: ${message}`,
      { cause },
    );
  }
}
