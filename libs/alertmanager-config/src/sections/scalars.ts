import { formatDurationMs, parseDurationMs } from "@monotreme/model";
import { maskUrlPassword, scalar, type Schema, Secret, SECRET_MASK } from "@monotreme/prometheus-config";
import type { HostPort } from "../receivers/email-config.ts";
import { formatGoDuration, MAX_DURATION_MS, parseGoDurationMs } from "./go-duration.ts";

/** Milliseconds of a Prometheus duration: of routes and of `resolve_timeout`. */
export const promDuration: Schema<number> = scalar({
  expected: "a duration such as 30s, 5m, 4h or 1d",
  parse: (value) => withinBounds(parseDurationMs(value)),
  render: formatDurationMs,
});

/** Milliseconds of a Go duration: of timeouts of receivers. Not negative. */
export const goDuration: Schema<number> = scalar({
  expected: "a duration such as 10s, 1m30s or 500ms (days and weeks are not known here)",
  parse: (value) => withinBounds(parseGoDurationMs(value)),
  render: formatGoDuration,
});

function withinBounds(durationMs: number | undefined): number | undefined {
  return durationMs !== undefined && durationMs >= 0 && durationMs <= MAX_DURATION_MS ? durationMs : undefined;
}

/** An address of HTTP. Its password, if it has one, renders as `xxxxx`. */
export const httpUrl: Schema<string> = urlSchema(
  (value) => value,
  (value) => maskUrlPassword(value),
);

/** An address that is a secret as a whole; `<secret>`, as renderings have it, is taken for one too. */
export const secretUrl: Schema<Secret> = urlSchema(
  (value) => new Secret(value),
  (value, mode) => (mode === "revealed" ? value.reveal() : SECRET_MASK),
);

/**
 * A secret address that may hold template actions. Renderings keep the host, because tools before 0.26 read an address
 * here and nothing else, and a fragment, which says what kind of entry it is.
 */
export const templateUrl: Schema<Secret> = urlSchema(
  (value) => new Secret(value),
  (value, mode) => (mode === "revealed" ? value.reveal() : maskAddress(value.reveal())),
  { mayBeTemplate: true },
);

function urlSchema<T>(
  wrap: (value: string) => T,
  render: Schema<T>["render"],
  { mayBeTemplate = false } = {},
): Schema<T> {
  return {
    // No message shows the value: it may be a secret, or hold one.
    decode: (node) => {
      const { text } = node;
      const fault = text === undefined ? `expected a URL, found ${node.description}` : urlFault(text);
      const isTemplate = mayBeTemplate && text?.includes("{{") === true;
      if (text !== undefined && (fault === undefined || isTemplate || text === SECRET_MASK)) return wrap(text);
      node.fault(fault ?? "");
      return undefined;
    },
    render,
  };
}

/** What is wrong with an address, in upstream's words. */
function urlFault(value: string): string | undefined {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(value)?.[1]?.toLowerCase() ?? "";
  if (scheme !== "http" && scheme !== "https") return `unsupported scheme ${JSON.stringify(scheme)} for URL`;
  if (!/^[a-z]+:\/\/[^/?#]/i.test(value)) return "missing host for URL";
  return URL.canParse(value) && !/[\p{Cc} ]/u.test(value) ? undefined : "expected a URL such as https://host/path";
}

function maskAddress(address: string): string {
  if (address.includes("{{") || !URL.canParse(address)) return SECRET_MASK;
  const { protocol, host, hash } = new URL(address);
  return `${protocol}//${host}/${SECRET_MASK}${hash === "#ntfy" ? hash : ""}`;
}

/** A server's name and port. */
export const hostPort: Schema<HostPort> = scalar({
  expected: "an address such as smtp.example.org:587",
  parse: (value, node) => {
    const match = /^(?:\[([^\]]*)\]|([^[\]:]*)):([^:]*)$/.exec(value);
    if (match === null) return undefined;
    if (match[3] === "") node.fault(`address ${JSON.stringify(value)}: port cannot be empty`);
    return { host: match[1] ?? match[2] ?? "", port: match[3] ?? "" };
  },
  render: ({ host, port }) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`),
});

/** What stands where a mail server is not given. */
export const NO_HOST: HostPort = { host: "", port: "" };

/** A whole number of 64 bits as text, because numbers of this language are exact only up to 2⁵³. */
export const integerText: Schema<string> = scalar({
  expected: "a whole number",
  parse: (value) => {
    if (!/^[+-]?\d{1,19}$/.test(value)) return undefined;
    const number = BigInt(value.replace("+", ""));
    return BigInt.asIntN(64, number) === number ? String(number) : undefined;
  },
  render: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value)),
});
