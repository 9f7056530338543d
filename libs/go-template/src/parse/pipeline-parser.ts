import { quoteGo } from "../fmt/quote.ts";
import { MAX_NESTING } from "../limits.ts";
import type { CommandNode, OperandNode, PipeNode, VariableNode } from "./node.ts";
import { parseNumberLiteral, parseRuneLiteral } from "./number-literal.ts";
import { printNode } from "./print-node.ts";
import type { TokenStream } from "./token-stream.ts";
import type { Token, TokenKind } from "./token.ts";
import { unquoteString } from "./unquote.ts";

const OPERAND_STARTS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "char-constant",
  "complex",
  ".",
  "field",
  "identifier",
  "number",
  "nil",
  "raw-string",
  "string",
  "variable",
  "left-paren",
]);
const NOT_EXECUTABLE: ReadonlySet<string> = new Set(["bool", "dot", "nil", "number", "string"]);

/** Reads pipelines, and knows the variables that the template has declared so far. */
export class PipelineParser {
  readonly #tokens: TokenStream;
  readonly #isFunction: (name: string) => boolean;
  readonly #variables: string[] = ["$"];
  #depth = 0;

  constructor(tokens: TokenStream, isFunction: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#isFunction = isFunction;
  }

  /** How many variables there are; given to `release` at the end of a block. */
  mark(): number {
    return this.#variables.length;
  }

  release(mark: number): void {
    this.#variables.length = mark;
  }

  pipeline(context: string, end: TokenKind): PipeNode {
    const tokens = this.#tokens;
    const first = tokens.peekNonSpace();
    const declarations: VariableNode[] = [];
    const isAssign = this.#declarations(context, declarations);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = tokens.nextNonSpace();
      if (token.kind === end) break;
      if (!OPERAND_STARTS.has(token.kind)) tokens.unexpected(token, context);
      tokens.putBack(token);
      commands.push(this.#command());
    }
    this.#check(commands, context);
    return { kind: "pipe", isAssign, declarations, commands, ...this.#place(first) };
  }

  #check(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    for (const [i, command] of commands.entries()) {
      if (i > 0 && NOT_EXECUTABLE.has(command.args[0]?.kind ?? "")) {
        this.#tokens.fail(`non executable command in pipeline stage ${i + 1}`);
      }
    }
  }

  #place(token: Token) {
    return { pos: token.pos, line: token.line, source: this.#tokens.source };
  }

  #declarations(context: string, declared: VariableNode[]): boolean {
    const tokens = this.#tokens;
    for (;;) {
      if (tokens.peekNonSpace().kind !== "variable") return false;
      const variable = tokens.nextNonSpace();
      const after = tokens.next();
      tokens.putBack(after);
      const next = tokens.peekNonSpace();
      const isComma = next.kind === "char" && next.text === ",";
      if (next.kind !== "assign" && next.kind !== "declare" && !isComma) {
        // A space that was skipped parts the variable from the next operand and has to come back.
        if (after.kind === "space") tokens.putBack(variable, after);
        else tokens.putBack(variable);
        return false;
      }
      tokens.nextNonSpace();
      declared.push({ kind: "variable", names: [variable.text], ...this.#place(variable) });
      this.#variables.push(variable.text);
      if (!isComma) return next.kind === "assign";
      this.#checkComma(context, declared.length);
    }
  }

  #checkComma(context: string, count: number): void {
    if (context !== "range" || count >= 2) this.#tokens.fail(`too many declarations in ${context}`);
    const kind = this.#tokens.peekNonSpace().kind;
    if (kind !== "variable" && kind !== "right-delim" && kind !== "right-paren") {
      this.#tokens.fail("range can only initialize variables");
    }
  }

  #command(): CommandNode {
    const tokens = this.#tokens;
    const first = tokens.peekNonSpace();
    const args: OperandNode[] = [];
    for (;;) {
      tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = tokens.next();
      if (token.kind === "space") continue;
      if (token.kind === "right-delim" || token.kind === "right-paren") tokens.putBack(token);
      else if (token.kind !== "pipe") tokens.unexpected(token, "operand");
      break;
    }
    if (args.length === 0) tokens.fail("empty command");
    return { kind: "command", args, ...this.#place(first) };
  }

  #operand(): OperandNode | undefined {
    const tokens = this.#tokens;
    const node = this.#term();
    if (node === undefined || tokens.peek().kind !== "field") return node;
    const place = this.#place(tokens.peek());
    const names: string[] = [];
    while (tokens.peek().kind === "field") names.push(tokens.next().text.slice(1));
    if (node.kind === "field" || node.kind === "variable")
      return { ...node, names: [...node.names, ...names], ...place };
    if (NOT_EXECUTABLE.has(node.kind)) return tokens.fail(`unexpected . after term ${quoteGo(printNode(node))}`);
    return { kind: "chain", node, names, ...place };
  }

  #term(): OperandNode | undefined {
    const tokens = this.#tokens;
    const token = tokens.nextNonSpace();
    const place = this.#place(token);
    const { kind, text } = token;
    if (kind === ".") return { kind: "dot", ...place };
    if (kind === "nil") return { kind, ...place };
    if (kind === "field") return { kind, names: [text.slice(1)], ...place };
    if (kind === "bool") return { kind, value: text === "true", ...place };
    if (kind === "number" || kind === "char-constant" || kind === "complex") return this.#number(token);
    if (kind === "left-paren") return this.#parenthesized();
    if (kind === "string" || kind === "raw-string") {
      const value = unquoteString(text) ?? tokens.fail("invalid syntax");
      return { kind: "string", quoted: text, text: value, ...place };
    }
    if (kind === "identifier" || kind === "variable") return this.#name(token, kind);
    tokens.putBack(token);
    return undefined;
  }

  #name(token: Token, kind: "identifier" | "variable"): OperandNode {
    const { text } = token;
    if (kind === "identifier") {
      if (!this.#isFunction(text)) this.#tokens.fail(`function ${quoteGo(text)} not defined`);
      return { kind, name: text, ...this.#place(token) };
    }
    if (!this.#variables.includes(text)) this.#tokens.fail(`undefined variable ${quoteGo(text)}`);
    return { kind, names: [text], ...this.#place(token) };
  }

  #number(token: Token): OperandNode {
    const literal = token.kind === "char-constant" ? parseRuneLiteral(token.text) : parseNumberLiteral(token.text);
    if (literal.fault !== undefined) this.#tokens.fail(literal.fault);
    const { int, uint, float } = literal;
    return { kind: "number", text: token.text, int, uint, float, ...this.#place(token) };
  }

  #parenthesized(): PipeNode {
    if (this.#depth >= MAX_NESTING) this.#tokens.fail("max expression depth exceeded");
    this.#depth++;
    const pipe = this.pipeline("parenthesized pipeline", "right-paren");
    this.#depth--;
    return pipe;
  }
}
