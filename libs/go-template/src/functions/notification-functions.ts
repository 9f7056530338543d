import { TemplateFunctionError } from "../template-error.ts";
import type { TemplateFunctions } from "../template-set.ts";
import { localToUnix, GoTime, TIME, timeInZone, zoneOfOffset } from "../time/go-time.ts";
import { GoDuration } from "../time/go-duration.ts";
import { parseLayout } from "../time/parse-layout.ts";
import { loadZone, UTC, type Zone } from "../time/zone.ts";
import { GoFunction, goFunction, goVariadic } from "../value/go-function.ts";
import { goMap, goSlice } from "../value/go-object.ts";
import { bytesOfString, stringOfBytes } from "../value/go-string.ts";
import { SafeContent } from "../value/go-scalars.ts";
import type { GoValue, TemplateValue } from "../value/go-value.ts";
import { ANY, STRING, STRINGS, VALUES } from "../value/parameter-types.ts";
import { humanizeDuration, numberOf } from "./humanize.ts";
import { REGULAR_EXPRESSION_FUNCTIONS } from "./regular-expressions.ts";
import { titleCase, toLower, toUpper, trimSpace } from "./text-functions.ts";
import { toJson } from "./to-json.ts";

/** What the functions of notification templates depend on. */
export interface NotificationFunctionOptions {
  /** The current time in epoch milliseconds. */
  now(): number;
  /** The zone that counts as local: what `now` shows, and dates without a zone are read in; the process' own unless given. */
  readonly localZone?: Zone;
  /** The value of a label of the route in force; empty where there is none. */
  routeLabels?(name: string): string;
}

function unescapeQuery(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/su.exec(text);
  if (bad !== null) throw new TemplateFunctionError(`invalid URL escape "${bad[0]}"`);
  const bytes: number[] = [];
  const plain = bytesOfString(text);
  for (let i = 0; i < plain.length; i++) {
    const byte = plain[i] ?? 0;
    if (byte === 0x25) {
      bytes.push(Number.parseInt(String.fromCharCode(plain[i + 1] ?? 0, plain[i + 2] ?? 0), 16));
      i += 2;
    } else bytes.push(byte === 0x2b ? 0x20 : byte);
  }
  return stringOfBytes(Uint8Array.from(bytes));
}

function readDate(layout: string, text: string, local: Zone): GoTime {
  const parsed = parseLayout(layout, text);
  const { offset, abbreviation } = parsed;
  const zone = offset === undefined ? local : zoneOfOffset(offset, abbreviation);
  const isUtc = abbreviation === "UTC" && offset === undefined;
  const seconds = isUtc ? parsed.unixSeconds : localToUnix(parsed.unixSeconds, zone);
  return new GoTime(BigInt(seconds) * 1_000_000_000n + BigInt(parsed.nanosecond), isUtc ? UTC : zone);
}

function readDateOrZero(layout: string, text: string, local: Zone): GoTime {
  try {
    return readDate(layout, text, local);
  } catch (error) {
    if (error instanceof TemplateFunctionError) return GoTime.zero();
    throw error;
  }
}

const BASE64 = /^(?:[A-Za-z0-9\-_]{4})*(?:[A-Za-z0-9\-_]{2}==|[A-Za-z0-9\-_]{3}=)?/;

function decodeBase64(text: string): string {
  const trimmed = text.replace(/[\r\n]/g, "");
  const valid = BASE64.exec(trimmed)?.[0] ?? "";
  if (valid.length !== trimmed.length) {
    const badByte = trimmed.slice(valid.length).search(/[^A-Za-z0-9\-_]/);
    const offset = valid.endsWith("=") ? valid.length : valid.length + Math.max(badByte, 0);
    throw new TemplateFunctionError(`illegal base64 data at input byte ${offset}`);
  }
  return stringOfBytes(Buffer.from(trimmed, "base64url"));
}

function encodeBase64(text: string): string {
  return Buffer.from(bytesOfString(text)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

function anyList(items: readonly GoValue[]): TemplateValue {
  return goSlice(items, { typeName: "[]interface {}" });
}

function dictionary(parts: readonly GoValue[]): TemplateValue {
  if (parts.length % 2 !== 0) throw new TemplateFunctionError("dict requires an even number of arguments");
  const entries = new Map<string, TemplateValue>();
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i];
    if (typeof key !== "string") throw new TemplateFunctionError("dict keys must be strings");
    entries.set(key, parts[i + 1]);
  }
  return goMap(entries, { typeName: "map[string]interface {}" });
}

function textFunctions(): TemplateFunctions {
  return {
    ...REGULAR_EXPRESSION_FUNCTIONS,
    toUpper: goFunction([STRING], toUpper),
    toLower: goFunction([STRING], toLower),
    title: goFunction([STRING], titleCase),
    trimSpace: goFunction([STRING], trimSpace),
    join: goFunction([STRING, STRINGS], (separator, list) => list.join(separator)),
    stringSlice: goVariadic([], STRING, (_, list) => goSlice(list, { typeName: "[]string" })),
    safeHtml: goFunction([STRING], (text) => new SafeContent("html", text)),
    safeUrl: goFunction([STRING], (text) => new SafeContent("url", text)),
    urlUnescape: goFunction([STRING], unescapeQuery),
    base64encode: goFunction([STRING], encodeBase64),
    base64decode: goFunction([STRING], decodeBase64),
    toJson: new GoFunction(["interface {}"], false, ([value], context) =>
      toJson(value, (length) => context.checkLength(length)),
    ),
  };
}

/** The functions of Alertmanager's notification templates. */
export function createNotificationFunctions(options: NotificationFunctionOptions): TemplateFunctions {
  const local = options.localZone ?? loadZone("Local") ?? UTC;
  const now = () => GoTime.fromMs(options.now(), local);
  return {
    ...textFunctions(),
    date: goFunction([STRING, TIME], (layout, time) => time.format(layout)),
    tz: goFunction([STRING, TIME], (zone, time) => timeInZone(time, zone)),
    now: goFunction([], now),
    since: goFunction([TIME], (time) => new GoDuration(now().unixNano - time.unixNano)),
    humanizeDuration: goFunction([ANY], (value) => humanizeDuration(numberOf(value))),
    toDate: goFunction([STRING, STRING], (layout, text) => readDateOrZero(layout, text, local)),
    mustToDate: goFunction([STRING, STRING], (layout, text) => readDate(layout, text, local)),
    list: goVariadic([], ANY, (_, items) => anyList(items)),
    append: goVariadic([VALUES], ANY, ([list], items) => anyList([...list, ...items])),
    dict: goVariadic([], ANY, (_, parts) => dictionary(parts)),
    routeLabels: goFunction([STRING], (name) => options.routeLabels?.(name) ?? ""),
  };
}
