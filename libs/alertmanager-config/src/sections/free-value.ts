import { type ConfigNode, record, type Schema } from "@monotreme/prometheus-config";
import type { FreeValue } from "../receivers/integration-config.ts";

const TRUE = /^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/;
const FALSE = /^(?:n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/;
const INTEGER = /^[+-]?(?:0|[1-9][\d_]*|0x[\da-fA-F_]+|0o?[0-7_]+|0b[01_]+)$/;
const FLOAT = /^[+-]?(?:\d[\d_]*)?\.?\d*(?:[eE][+-]?\d+)?$/;

/** Any YAML value, texts without quotes read as YAML 1.1 has them: truth values, numbers, texts. */
export const freeValue: Schema<FreeValue> = freeValueAt(0);

/** Free values by name; a field that is there but empty has no value. */
export const freeRecord: Schema<Readonly<Record<string, FreeValue>>> = record(freeValue, "values", null);

/** Deeper than anyone writes; it keeps hostile files from filling the stack. */
const MAX_DEPTH = 100;
/** Longer plain texts are texts; it keeps their reading linear. */
const MAX_NUMBER_LENGTH = 64;

function freeValueAt(depth: number): Schema<FreeValue> {
  return { decode: (node) => decodeFreeValue(node, depth), render: (value) => value };
}

function decodeFreeValue(node: ConfigNode, depth: number): FreeValue | undefined {
  if (node.isNull) return null;
  if (depth > MAX_DEPTH) {
    node.fault(`values are nested deeper than ${MAX_DEPTH} times`);
    return undefined;
  }
  if (node.entries() !== undefined) return record(freeValueAt(depth + 1), "values", null).decode(node);
  const items = node.items()?.map((item) => decodeFreeValue(item, depth + 1));
  if (items !== undefined) return items.every((item) => item !== undefined) ? items : undefined;
  const { text } = node;
  if (text === undefined) return null;
  return node.isPlain && text.length <= MAX_NUMBER_LENGTH ? plainValue(text) : text;
}

function plainValue(text: string): FreeValue {
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (INTEGER.test(text)) return integerOf(text);
  const isFloat = FLOAT.test(text) && /\d/.test(text) && /[.eE]/.test(text);
  const number = isFloat ? Number(text.replaceAll("_", "")) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

/** A number that would lose digits stays a text. */
function integerOf(text: string): FreeValue {
  const isNegative = text.startsWith("-");
  const digits = text.replace(/^[+-]/, "").replaceAll("_", "");
  const isOldOctal = /^0[0-7]+$/.test(digits);
  const number = Number(isOldOctal ? `0o${digits.slice(1)}` : digits);
  if (!Number.isSafeInteger(number)) return text;
  return isNegative ? -number : number;
}
