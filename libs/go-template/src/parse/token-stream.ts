import { TemplateParseError } from "../template-error.ts";
import { Lexer } from "./lexer.ts";
import type { TemplateSource } from "./node.ts";
import { describeToken, type Token, type TokenKind } from "./token.ts";

/** The tokens of a template with look-ahead, and the errors that the parser raises at the current token. */
export class TokenStream {
  readonly source: TemplateSource;
  readonly #lexer: Lexer;
  readonly #pending: Token[] = [];
  #current: Token = { kind: "eof", pos: 0, text: "", line: 1 };
  /** Line on which the action being read starts, 0 outside of actions. */
  actionLine = 0;

  constructor(source: TemplateSource) {
    this.source = source;
    this.#lexer = new Lexer(source.text);
  }

  next(): Token {
    const pending = this.#pending.pop();
    if (pending !== undefined) return pending;
    this.#current = this.#lexer.next();
    return this.#current;
  }

  peek(): Token {
    const token = this.next();
    this.putBack(token);
    return token;
  }

  putBack(...tokens: readonly Token[]): void {
    for (const token of tokens.toReversed()) this.#pending.push(token);
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.kind === "space") token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.putBack(token);
    return token;
  }

  expect(context: string, ...kinds: readonly TokenKind[]): Token {
    const token = this.nextNonSpace();
    return kinds.includes(token.kind) ? token : this.unexpected(token, context);
  }

  fail(message: string): never {
    throw new TemplateParseError(`template: ${this.source.parseName}:${this.#current.line}: ${message}`);
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== "error") this.fail(`unexpected ${describeToken(token)} in ${context}`);
    let extra = "";
    if (this.actionLine !== 0 && this.actionLine !== token.line) {
      extra = ` in action started at ${this.source.parseName}:${this.actionLine}`;
      if (token.text.endsWith(" action")) extra = extra.slice(" in action".length);
    }
    this.fail(token.text + extra);
  }
}
