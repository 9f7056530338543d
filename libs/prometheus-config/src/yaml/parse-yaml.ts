import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  Lexer,
  type LineCounter,
  Parser,
  type ParseOptions,
  type SchemaOptions,
  type YAMLError,
  YAMLParseError,
} from "yaml";

/**
 * No honest file has a tenth of it. What makes nodes of a parsed text calls itself for every level and has room for some
 * 800; near the end of its stack it may take the process with it instead of throwing.
 */
const MAX_LEVELS = 400;

export interface ParsedYaml {
  readonly document: Document.Parsed;
  /** The document's, and one (`MULTIPLE_DOCS`) where another document follows. */
  readonly errors: readonly YAMLError[];
}

/** Those of the parser; lines are counted where a counter is given. */
export interface ParseYamlOptions extends ParseOptions, DocumentOptions, SchemaOptions {
  readonly lineCounter?: LineCounter;
}

/**
 * The first document of a YAML text, of whatever origin; undefined where blocks and brackets stand in one another too
 * deeply. Nodes are made of what is known to be shallow enough, and no error is thrown.
 */
export function parseYaml(text: string, options: ParseYamlOptions): ParsedYaml | undefined {
  const tokens = tokensOf(text, options.lineCounter);
  if (tokens === undefined) return undefined;
  const [document, second] = new Composer({ ...options, prettyErrors: false }).compose(tokens, true, text.length);
  if (document === undefined) return undefined;
  if (second === undefined) return { document, errors: document.errors };
  const [start, end] = second.range;
  const further = new YAMLParseError([start, end], "MULTIPLE_DOCS", "the text has several documents");
  return { document, errors: [...document.errors, further] };
}

/** Undefined as soon as there are too many levels. */
function tokensOf(text: string, lines: LineCounter | undefined): readonly CST.Token[] | undefined {
  lines?.addNewLine(0);
  const parser = new Parser(lines?.addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_LEVELS) return undefined;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
