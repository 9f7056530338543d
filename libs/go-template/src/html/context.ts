/** States of the HTML parser that tell how a value has to be escaped; the names are those that Go's errors show. */
export type HtmlState =
  | "Text"
  | "Tag"
  | "AttrName"
  | "AfterName"
  | "BeforeValue"
  | "HTMLCmt"
  | "RCDATA"
  | "Attr"
  | "URL"
  | "Srcset"
  | "JS"
  | "JSDqStr"
  | "JSSqStr"
  | "JSTmplLit"
  | "JSRegexp"
  | "JSBlockCmt"
  | "JSLineCmt"
  | "JSHTMLOpenCmt"
  | "JSHTMLCloseCmt"
  | "CSS"
  | "CSSDqStr"
  | "CSSSqStr"
  | "CSSDqURL"
  | "CSSSqURL"
  | "CSSURL"
  | "CSSBlockCmt"
  | "CSSLineCmt"
  | "MetaContent"
  | "MetaContentURL"
  | "Error"
  | "Dead";

export type Delimiter = "None" | "DoubleQuote" | "SingleQuote" | "SpaceOrTagEnd";
export type UrlPart = "None" | "PreQuery" | "QueryOrFrag" | "Unknown";
export type JsContext = "Regexp" | "DivOp" | "Unknown";
export type HtmlElement = "None" | "Script" | "Style" | "Textarea" | "Title" | "Meta";
export type HtmlAttribute = "None" | "Script" | "ScriptType" | "Style" | "URL" | "Srcset" | "MetaContent";

/** A fault that makes a template unusable as HTML; `location` is the node's place where one is to blame. */
export interface HtmlFault {
  readonly message: string;
  readonly location?: string | undefined;
  readonly line?: number;
}

/** Where in a document a piece of a template stands. */
export interface HtmlContext {
  readonly state: HtmlState;
  readonly delimiter: Delimiter;
  readonly urlPart: UrlPart;
  readonly jsContext: JsContext;
  /** Open braces within each `${` of nested JavaScript template literals. */
  readonly jsBraceDepth: readonly number[];
  readonly attribute: HtmlAttribute;
  readonly element: HtmlElement;
  readonly fault?: HtmlFault;
}

/** The start of a document. */
export const TEXT_CONTEXT: HtmlContext = {
  state: "Text",
  delimiter: "None",
  urlPart: "None",
  jsContext: "Regexp",
  jsBraceDepth: [],
  attribute: "None",
  element: "None",
};

/** A context of a state, everything else as at the start of a document. */
export function contextOf(state: HtmlState, more: Partial<HtmlContext> = {}): HtmlContext {
  return { ...TEXT_CONTEXT, state, ...more };
}

/** The context after a fault; nothing leads out of it. */
export function faultContext(message: string, location?: string, line = 0): HtmlContext {
  return contextOf("Error", { fault: { message, location, line } });
}

/** Whether two contexts escape alike. */
export function isSameContext(a: HtmlContext, b: HtmlContext): boolean {
  return describeContext(a) === describeContext(b) && a.fault === b.fault;
}

/** A context as error messages show it. */
export function describeContext(context: HtmlContext): string {
  const { state, delimiter, urlPart, jsContext, jsBraceDepth, attribute, element } = context;
  const parts = `state${state} delim${delimiter} urlPart${urlPart} jsCtx${jsContext}`;
  return `{${parts} [${jsBraceDepth.join(" ")}] attr${attribute} element${element} <nil>}`;
}

/** The name of the variant of a template that starts in a context. */
export function mangledName(context: HtmlContext, name: string): string {
  if (context.state === "Text") return name;
  let mangled = `${name}$htmltemplate_state${context.state}`;
  if (context.delimiter !== "None") mangled += `_delim${context.delimiter}`;
  if (context.urlPart !== "None") mangled += `_urlPart${context.urlPart}`;
  if (context.jsContext !== "Regexp") mangled += `_jsCtx${context.jsContext}`;
  if (context.jsBraceDepth.length > 0) mangled += `_jsBraceDepth([${context.jsBraceDepth.join(" ")}])`;
  if (context.attribute !== "None") mangled += `_attr${context.attribute}`;
  return context.element === "None" ? mangled : `${mangled}_element${context.element}`;
}

/** Whether a state is a comment, which is left out of the output. */
export function isComment(state: HtmlState): boolean {
  return state.endsWith("Cmt");
}

/** Whether a state lies within a tag. */
export function isInTag(state: HtmlState): boolean {
  return (
    state === "Tag" || state === "AttrName" || state === "AfterName" || state === "BeforeValue" || state === "Attr"
  );
}

/** Whether a state is a string, template or regular expression of a script. */
export function isInScriptLiteral(state: HtmlState): boolean {
  return state === "JSDqStr" || state === "JSSqStr" || state === "JSTmplLit" || state === "JSRegexp";
}

const ATTRIBUTE_STATES: Readonly<Record<HtmlAttribute, HtmlState>> = {
  None: "Attr",
  Script: "JS",
  ScriptType: "Attr",
  Style: "CSS",
  URL: "URL",
  Srcset: "Srcset",
  MetaContent: "MetaContent",
};

/** The state in which the value of an attribute starts. */
export function attributeState(attribute: HtmlAttribute): HtmlState {
  return ATTRIBUTE_STATES[attribute];
}

/** The context that a value in a template opens where the text before it left a place for one. */
export function nudge(context: HtmlContext): HtmlContext {
  if (context.state === "Tag") return { ...context, state: "AttrName" };
  if (context.state === "AfterName") return { ...context, state: "AttrName", attribute: "None" };
  if (context.state !== "BeforeValue") return context;
  return { ...context, state: attributeState(context.attribute), delimiter: "SpaceOrTagEnd", attribute: "None" };
}

/** The context after two branches; a fault where they cannot be brought together. */
export function joinContexts(a: HtmlContext, b: HtmlContext, branch: string, location?: string): HtmlContext {
  if (a.state === "Error" || b.state === "Dead") return a;
  if (b.state === "Error" || a.state === "Dead") return b;
  if (isSameContext(a, b)) return a;
  if (isSameContext({ ...a, urlPart: b.urlPart }, b)) return { ...a, urlPart: "Unknown" };
  if (isSameContext({ ...a, jsContext: b.jsContext }, b)) return { ...a, jsContext: "Unknown" };
  const [c, d] = [nudge(a), nudge(b)];
  if (!isSameContext(c, a) || !isSameContext(d, b)) {
    const joined = joinContexts(c, d, branch, location);
    if (joined.state !== "Error") return joined;
  }
  const contexts = `${describeContext(a)}, ${describeContext(b)}`;
  return faultContext(`{{${branch}}} branches end in different contexts: ${contexts}`, location);
}
