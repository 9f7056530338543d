import type { HtmlAttribute, HtmlElement } from "./context.ts";

/** What the value of an attribute is; `Unsafe` names may not come from data. */
export type AttributeType = "Plain" | "CSS" | "HTML" | "JS" | "URL" | "Srcset" | "Unsafe";

const URLS =
  "action archive background cite classid codebase data formaction href icon longdesc manifest poster profile src usemap xmlns";
const UNSAFE =
  "accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod formnovalidate http-equiv keytype language method novalidate pattern rel sandbox type value";
// Names that hold "src" or start with "on" and yet are plain need an entry; the others fall through to plain.
const PLAIN = "srclang";

const TYPES: ReadonlyMap<string, AttributeType> = new Map([
  ...URLS.split(" ").map((name) => [name, "URL"] as const),
  ...UNSAFE.split(" ").map((name) => [name, "Unsafe"] as const),
  ...PLAIN.split(" ").map((name) => [name, "Plain"] as const),
  ["srcdoc", "HTML"],
  ["srcset", "Srcset"],
  ["style", "CSS"],
]);

/** The type of an attribute by its name in lower case; unknown names are judged by what they hold. */
export function attributeType(fullName: string): AttributeType {
  let name = fullName;
  if (name.startsWith("data-")) name = name.slice(5);
  else if (name.includes(":")) {
    const at = name.indexOf(":");
    if (name.slice(0, at) === "xmlns") return "URL";
    name = name.slice(at + 1);
  }
  const known = TYPES.get(name);
  if (known !== undefined) return known;
  if (name.startsWith("on")) return "JS";
  return /src|uri|url/.test(name) ? "URL" : "Plain";
}

const ATTRIBUTES: Readonly<Partial<Record<AttributeType, HtmlAttribute>>> = {
  URL: "URL",
  CSS: "Style",
  JS: "Script",
  Srcset: "Srcset",
};

/** How the value of an attribute of an element is escaped. */
export function attributeOf(element: HtmlElement, name: string): HtmlAttribute {
  if (element === "Script" && name === "type") return "ScriptType";
  if (element === "Meta" && name === "content") return "MetaContent";
  return ATTRIBUTES[attributeType(name)] ?? "None";
}

const JS_TYPES: ReadonlySet<string> = new Set([
  "",
  "application/ecmascript",
  "application/javascript",
  "application/json",
  "application/ld+json",
  "application/x-ecmascript",
  "application/x-javascript",
  "module",
  "text/ecmascript",
  "text/javascript",
  "text/jscript",
  "text/livescript",
  "text/x-ecmascript",
  "text/x-javascript",
  ...[0, 1, 2, 3, 4, 5].map((minor) => `text/javascript1.${minor}`),
]);

/** Whether a script of that `type` is JavaScript or JSON. */
export function isJsType(mimeType: string): boolean {
  return JS_TYPES.has((mimeType.split(";")[0] ?? "").toLowerCase().trim());
}
