import type { CommandNode, IdentifierNode, PipeNode } from "../parse/node.ts";
import type { Delimiter, HtmlContext } from "./context.ts";
import { isComment } from "./context.ts";

const PREDEFINED: ReadonlySet<string> = new Set(["html", "urlquery"]);
const EQUIVALENT: Readonly<Record<string, string>> = {
  _html_template_attrescaper: "html",
  _html_template_htmlescaper: "html",
  _html_template_rcdataescaper: "html",
  _html_template_urlescaper: "urlquery",
  _html_template_urlnormalizer: "urlquery",
};
const ATTRIBUTE = "_html_template_attrescaper";
/** Escapers after which the second is not needed. */
const REDUNDANT: Readonly<Record<string, readonly string[]>> = {
  _html_template_commentescaper: [ATTRIBUTE, "_html_template_htmlescaper"],
  _html_template_cssescaper: [ATTRIBUTE],
  _html_template_jsregexpescaper: [ATTRIBUTE],
  _html_template_jsstrescaper: [ATTRIBUTE],
  _html_template_jstmpllitescaper: [ATTRIBUTE],
  _html_template_urlescaper: ["_html_template_urlnormalizer"],
};

function normal(name: string): string {
  return EQUIVALENT[name] ?? name;
}

function identifierOf(command: CommandNode | undefined): IdentifierNode | undefined {
  const first = command?.args[0];
  return first?.kind === "identifier" ? first : undefined;
}

function call(name: string, pipe: PipeNode): CommandNode {
  const { pos, line, source } = pipe;
  return { kind: "command", args: [{ kind: "identifier", name, pos, line, source }], pos, line, source };
}

function append(commands: CommandNode[], command: CommandNode): void {
  const last = identifierOf(commands.at(-1))?.name ?? "";
  const next = identifierOf(command)?.name ?? "";
  if (!(REDUNDANT[last]?.includes(next) ?? false)) commands.push(command);
}

/** The escaper of the template's own that may not stand where it does, if there is one. */
export function misplacedEscaper(pipe: PipeNode, context: HtmlContext): string | undefined {
  for (const [i, command] of pipe.commands.entries()) {
    const name = identifierOf(command)?.name;
    if (name === undefined || !PREDEFINED.has(name)) continue;
    const isUnquoted = context.state === "Attr" && context.delimiter === "SpaceOrTagEnd" && name === "html";
    if (i < pipe.commands.length - 1 || isUnquoted) return name;
  }
  return undefined;
}

/** A pipeline that ends with the escapers given; one of the template's own that does as much is not repeated. */
export function withEscapers(pipe: PipeNode, escapers: readonly string[]): PipeNode {
  if (escapers.length === 0) return pipe;
  let commands = [...pipe.commands];
  let wanted = [...escapers];
  const last = commands.at(-1);
  const own = identifierOf(last);
  if (last !== undefined && own !== undefined && PREDEFINED.has(own.name)) {
    if (commands.length === 1 && last.args.length > 1) {
      const evaluate: CommandNode = { ...last, args: [{ ...own, name: "_eval_args_" }, ...last.args.slice(1)] };
      commands = [evaluate, call(own.name, pipe)];
    }
    if (wanted.some((name) => normal(name) === normal(own.name))) {
      wanted = wanted.map((name) => (normal(name) === normal(own.name) ? own.name : name));
      commands.pop();
    }
  }
  const present = new Set(commands.map((command) => normal(identifierOf(command)?.name ?? "")));
  for (const name of wanted) if (!present.has(normal(name))) append(commands, call(name, pipe));
  return { ...pipe, commands };
}

const STATE_ESCAPERS: Readonly<Record<string, string>> = {
  MetaContentURL: "_html_template_urlfilter",
  JS: "_html_template_jsvalescaper",
  JSDqStr: "_html_template_jsstrescaper",
  JSSqStr: "_html_template_jsstrescaper",
  JSTmplLit: "_html_template_jstmpllitescaper",
  JSRegexp: "_html_template_jsregexpescaper",
  CSS: "_html_template_cssvaluefilter",
  Text: "_html_template_htmlescaper",
  RCDATA: "_html_template_rcdataescaper",
  AttrName: "_html_template_htmlnamefilter",
  Tag: "_html_template_htmlnamefilter",
  Srcset: "_html_template_srcsetescaper",
};
const URL_STATES: ReadonlySet<string> = new Set(["URL", "CSSDqStr", "CSSSqStr", "CSSDqURL", "CSSSqURL", "CSSURL"]);

function urlEscapers({ state, urlPart }: HtmlContext): readonly string[] {
  if (urlPart === "QueryOrFrag") return ["_html_template_urlescaper"];
  const isString = state === "CSSDqStr" || state === "CSSSqStr";
  const escaper = isString ? "_html_template_cssescaper" : "_html_template_urlnormalizer";
  return urlPart === "None" ? ["_html_template_urlfilter", escaper] : [escaper];
}

function delimiterEscapers(delimiter: Delimiter): readonly string[] {
  if (delimiter === "None") return [];
  return [delimiter === "SpaceOrTagEnd" ? "_html_template_nospaceescaper" : ATTRIBUTE];
}

/** The escapers of a value in a context; undefined where it is not known what part of a URL it is. */
export function escapersFor(context: HtmlContext): readonly string[] | undefined {
  const last = delimiterEscapers(context.delimiter);
  if (URL_STATES.has(context.state)) {
    return context.urlPart === "Unknown" ? undefined : [...urlEscapers(context), ...last];
  }
  if (isComment(context.state)) return ["_html_template_commentescaper", ...last];
  const first = STATE_ESCAPERS[context.state];
  return first === undefined ? last : [first, ...last];
}
