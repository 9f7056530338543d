import { ParameterError } from "./request-parameters.ts";

const ESCAPED_PREFIX = "U__";
const LONGEST_CODE_POINT_DIGITS = 6;

/**
 * The label that a path names. Names that are no plain identifiers may come escaped: after `U__`, `__` stands for an
 * underscore and `_HEX_` for a character (Prometheus' "values" escaping). A broken escape leaves the name as it is.
 */
export function labelNameFromPath(pathPart: string): string {
  const name = pathPart.startsWith(ESCAPED_PREFIX) ? (unescapeName(pathPart) ?? pathPart) : pathPart;
  if (name === "" || !isWellFormed(name)) throw new ParameterError(`invalid label name: ${JSON.stringify(name)}`);
  return name;
}

function unescapeName(escaped: string): string | undefined {
  let name = "";
  for (let i = ESCAPED_PREFIX.length; i < escaped.length; i++) {
    if (escaped[i] !== "_") {
      name += escaped[i];
      continue;
    }
    const endAt = escaped.indexOf("_", i + 1);
    if (endAt < 0) return undefined;
    const digits = escaped.slice(i + 1, endAt);
    const character = digits === "" ? "_" : characterOf(digits);
    if (character === undefined) return undefined;
    name += character;
    i = endAt;
  }
  return name;
}

function characterOf(hexDigits: string): string | undefined {
  if (hexDigits.length > LONGEST_CODE_POINT_DIGITS || !/^[0-9a-fA-F]+$/.test(hexDigits)) return undefined;
  const codePoint = Number.parseInt(hexDigits, 16);
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return codePoint > 0x10ffff || isSurrogate ? undefined : String.fromCodePoint(codePoint);
}

/** Lone surrogates have no UTF-8 form, and so can be no label's name. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
