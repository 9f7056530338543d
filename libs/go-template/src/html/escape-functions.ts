import { sprint } from "../fmt/sprint.ts";
import { GoFunction } from "../value/go-function.ts";
import { jsRegexpEscaper, jsStringEscaper, jsTemplateEscaper, jsValueEscaper } from "./script-escapers.ts";
import { type EscapeInput, stringify } from "./stringify.ts";
import { cssEscaper, cssValueFilter } from "./style-escapers.ts";
import { attributeEscaper, htmlEscaper, nameFilter, noSpaceEscaper, rcdataEscaper } from "./text-escapers.ts";
import { srcsetEscaper, urlEscaper, urlFilter, urlNormalizer } from "./url-escapers.ts";

function escaper(escape: (input: EscapeInput) => string): GoFunction {
  return new GoFunction(["interface {}"], true, (args, context) => escape(stringify(args, context)));
}

/** The functions that HTML escaping adds to pipelines, by the names that Go's error messages show. */
export const ESCAPE_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map([
  ["_html_template_attrescaper", escaper(attributeEscaper)],
  ["_html_template_commentescaper", escaper(() => "")],
  ["_html_template_cssescaper", escaper(cssEscaper)],
  ["_html_template_cssvaluefilter", escaper(cssValueFilter)],
  ["_html_template_htmlnamefilter", escaper(nameFilter)],
  ["_html_template_htmlescaper", escaper(htmlEscaper)],
  ["_html_template_jsregexpescaper", escaper(jsRegexpEscaper)],
  ["_html_template_jsstrescaper", escaper(jsStringEscaper)],
  ["_html_template_jstmpllitescaper", escaper(jsTemplateEscaper)],
  ["_html_template_jsvalescaper", new GoFunction(["interface {}"], true, jsValueEscaper)],
  ["_html_template_nospaceescaper", escaper(noSpaceEscaper)],
  ["_html_template_rcdataescaper", escaper(rcdataEscaper)],
  ["_html_template_srcsetescaper", escaper(srcsetEscaper)],
  ["_html_template_urlescaper", escaper(urlEscaper)],
  ["_html_template_urlfilter", escaper(urlFilter)],
  ["_html_template_urlnormalizer", escaper(urlNormalizer)],
  ["_eval_args_", new GoFunction(["interface {}"], true, (args, context) => sprint(args, context))],
]);
