import { quoteGo } from "../fmt/quote.ts";
import { MAX_NESTING } from "../limits.ts";
import {
  type ActionNode,
  type BranchNode,
  type BreakNode,
  type CallNode,
  isEmptyList,
  type ListNode,
  type PipeNode,
  type StatementNode,
  type TemplateTree,
} from "./node.ts";
import { PipelineParser } from "./pipeline-parser.ts";
import { TokenStream } from "./token-stream.ts";
import type { Token } from "./token.ts";
import { unquoteString } from "./unquote.ts";

/** What ends a list of statements: `{{end}}`, or `{{else}}` with the `if` or `with` that may follow it pending. */
interface Terminator {
  readonly kind: "end" | "else";
  readonly pos: number;
  readonly line: number;
}

type Statement = StatementNode | Terminator;

function isTerminator(statement: Statement): statement is Terminator {
  return statement.kind === "end" || statement.kind === "else";
}

/** Reads one text: the statements of the template itself, and the templates that it defines. */
class TemplateParser {
  readonly #tokens: TokenStream;
  readonly #trees: Map<string, TemplateTree>;
  readonly #isFunction: (name: string) => boolean;
  #pipelines: PipelineParser;
  #rangeDepth = 0;
  #nesting = 0;

  constructor(tokens: TokenStream, trees: Map<string, TemplateTree>, isFunction: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#trees = trees;
    this.#isFunction = isFunction;
    this.#pipelines = new PipelineParser(tokens, isFunction);
  }

  parseText(name: string): void {
    const tokens = this.#tokens;
    const nodes: StatementNode[] = [];
    const first = tokens.peek();
    while (tokens.peek().kind !== "eof") {
      if (this.#parseDefinition()) continue;
      const statement = this.#statement();
      if (isTerminator(statement)) return tokens.fail(`unexpected {{${statement.kind}}}`);
      nodes.push(statement);
    }
    this.#add(name, { kind: "list", nodes, pos: first.pos, line: first.line, source: tokens.source });
  }

  #add(name: string, root: ListNode): void {
    const known = this.#trees.get(name);
    if (known === undefined || isEmptyList(known.root)) {
      this.#trees.set(name, { name, source: this.#tokens.source, root });
    } else if (!isEmptyList(root)) {
      this.#tokens.fail(`template: multiple definition of template ${quoteGo(name)}`);
    }
  }

  #parseDefinition(): boolean {
    const tokens = this.#tokens;
    if (tokens.peek().kind !== "left-delim") return false;
    const delim = tokens.next();
    const keyword = tokens.nextNonSpace();
    if (keyword.kind !== "define") {
      tokens.putBack(delim, keyword);
      return false;
    }
    const context = "define clause";
    const name = this.#unquote(tokens.expect(context, "string", "raw-string"));
    tokens.expect(context, "right-delim");
    this.#parseBody(name, context);
    return true;
  }

  /** Reads the body of a definition, which knows no variable and no loop of the text around it. */
  #parseBody(name: string, context: string): void {
    const outer = { pipelines: this.#pipelines, rangeDepth: this.#rangeDepth };
    this.#pipelines = new PipelineParser(this.#tokens, this.#isFunction);
    this.#rangeDepth = 0;
    const { list, end } = this.#list();
    if (end.kind !== "end") this.#tokens.fail(`unexpected {{${end.kind}}} in ${context}`);
    this.#add(name, list);
    this.#pipelines = outer.pipelines;
    this.#rangeDepth = outer.rangeDepth;
  }

  #unquote(token: Token): string {
    return unquoteString(token.text) ?? this.#tokens.fail("invalid syntax");
  }

  #list(): { readonly list: ListNode; readonly end: Terminator } {
    const tokens = this.#tokens;
    const nodes: StatementNode[] = [];
    const first = tokens.peekNonSpace();
    if (++this.#nesting > MAX_NESTING) tokens.fail("max nesting depth exceeded");
    while (tokens.peekNonSpace().kind !== "eof") {
      const statement = this.#statement();
      if (isTerminator(statement)) {
        this.#nesting--;
        const list: ListNode = { kind: "list", nodes, pos: first.pos, line: first.line, source: tokens.source };
        return { list, end: statement };
      }
      nodes.push(statement);
    }
    return tokens.fail("unexpected EOF");
  }

  #statement(): Statement {
    const tokens = this.#tokens;
    const token = tokens.nextNonSpace();
    const { pos, line, text } = token;
    if (token.kind === "text") return { kind: "text", text, pos, line, source: tokens.source };
    if (token.kind !== "left-delim") return tokens.unexpected(token, "input");
    tokens.actionLine = line;
    const statement = this.#action();
    tokens.actionLine = 0;
    return statement;
  }

  #action(): Statement {
    const token = this.#tokens.nextNonSpace();
    const { kind } = token;
    if (kind === "if" || kind === "range" || kind === "with") return this.#branch(kind);
    if (kind === "break" || kind === "continue") return this.#loopControl(kind, token);
    if (kind === "block") return this.#block();
    if (kind === "else") return this.#elseControl();
    if (kind === "template") return this.#call();
    if (kind === "end") {
      const { pos, line } = this.#tokens.expect("end", "right-delim");
      return { kind, pos, line };
    }
    this.#tokens.putBack(token);
    return this.#plainAction(token);
  }

  #plainAction(token: Token): ActionNode {
    const pipe = this.#pipelines.pipeline("command", "right-delim");
    return { kind: "action", pipe, pos: token.pos, line: token.line, source: this.#tokens.source };
  }

  #loopControl(kind: "break" | "continue", { pos, line }: Token): BreakNode {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== "right-delim") this.#tokens.unexpected(token, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#tokens.fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos, line, source: this.#tokens.source };
  }

  #elseControl(): Terminator {
    const next = this.#tokens.peekNonSpace();
    const chained = next.kind === "if" || next.kind === "with";
    const { pos, line } = chained ? next : this.#tokens.expect("else", "right-delim");
    return { kind: "else", pos, line };
  }

  #branch(kind: "if" | "range" | "with"): BranchNode {
    const mark = this.#pipelines.mark();
    const pipe = this.#pipelines.pipeline(kind, "right-delim");
    if (kind === "range") this.#rangeDepth++;
    const { list, end } = this.#list();
    if (kind === "range") this.#rangeDepth--;
    const elseList = end.kind === "else" ? this.#elseList(kind, end) : undefined;
    this.#pipelines.release(mark);
    return { kind, pipe, list, elseList, pos: pipe.pos, line: pipe.line, source: this.#tokens.source };
  }

  #elseList(kind: BranchNode["kind"], { pos, line }: Terminator): ListNode {
    const tokens = this.#tokens;
    if (kind !== "range" && tokens.peek().kind === kind) {
      tokens.next();
      if (++this.#nesting > MAX_NESTING) tokens.fail("max nesting depth exceeded");
      const nodes = [this.#branch(kind)];
      this.#nesting--;
      return { kind: "list", nodes, pos, line, source: tokens.source };
    }
    const { list, end } = this.#list();
    if (end.kind !== "end") tokens.fail(`expected end; found {{${end.kind}}}`);
    return list;
  }

  #block(): CallNode {
    const context = "block clause";
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipelines.pipeline(context, "right-delim");
    this.#parseBody(name, context);
    return { kind: "template", name, pipe, pos: token.pos, line: token.line, source: this.#tokens.source };
  }

  #call(): CallNode {
    const context = "template clause";
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const next = this.#tokens.nextNonSpace();
    let pipe: PipeNode | undefined;
    if (next.kind !== "right-delim") {
      this.#tokens.putBack(next);
      pipe = this.#pipelines.pipeline(context, "right-delim");
    }
    return { kind: "template", name, pipe, pos: token.pos, line: token.line, source: this.#tokens.source };
  }

  #templateName(token: Token, context: string): string {
    const isName = token.kind === "string" || token.kind === "raw-string";
    return isName ? this.#unquote(token) : this.#tokens.unexpected(token, context);
  }
}

/**
 * Reads the text of a template as Go's `text/template/parse` does and returns the templates it defines, its own among
 * them under `name`; throws TemplateParseError with Go's message.
 */
export function parseTemplate(
  name: string,
  text: string,
  isFunction: (name: string) => boolean,
): Map<string, TemplateTree> {
  const trees = new Map<string, TemplateTree>();
  new TemplateParser(new TokenStream({ parseName: name, text }), trees, isFunction).parseText(name);
  return trees;
}
