import { AppError } from "@monotreme/errors";
import { type Matcher, parseDurationMs, parseFloatGo, PatternBudget } from "@monotreme/model";
import { type Expression, parseExpression, type ParserOptions } from "@monotreme/promql";

/** A parameter that cannot be used; the text follows upstream's, because people search for it. */
export class ParameterError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("QUERY_PARAMETER_INVALID", "invalid", message, { cause });
  }

  static of(name: string, reason: string, cause?: unknown): ParameterError {
    return new ParameterError(`invalid parameter "${name}": ${reason}`, cause);
  }
}

/** Instants are exact to the millisecond up to here; whatever lies beyond counts as this far away. */
const FURTHEST_MS = Number.MAX_SAFE_INTEGER;

/** More selectors than this in one request are refused; each is a condition of one statement. */
const MAX_SELECTORS = 1000;

/** The parameters of one request: form fields first, then the address', as Go's forms have it. */
export class RequestParameters {
  readonly #sources: readonly URLSearchParams[];

  constructor(url: string, form: string | undefined) {
    const queryAt = url.indexOf("?");
    const query = new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1));
    this.#sources = form === undefined ? [query] : [new URLSearchParams(form), query];
  }

  /** The first value, `""` where there is none. */
  text(name: string): string {
    for (const source of this.#sources) {
      const value = source.get(name);
      if (value !== null) return value;
    }
    return "";
  }

  all(name: string): string[] {
    return this.#sources.flatMap((source) => source.getAll(name));
  }

  /** Epoch ms of an RFC 3339 time or Unix seconds; the default where the parameter is absent or empty. */
  timeMs(name: string, defaultMs?: number): number {
    const text = this.text(name);
    if (text === "" && defaultMs !== undefined) return defaultMs;
    const timestampMs = parseTimeMs(text);
    if (timestampMs === undefined) {
      throw ParameterError.of(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
    }
    return timestampMs;
  }

  /** Milliseconds of a Prometheus duration or of seconds as a number. */
  durationMs(name: string): number {
    const text = this.text(name);
    const durationMs = parseQueryDurationMs(text);
    if (durationMs !== undefined) return durationMs;
    throw ParameterError.of(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
  }

  optionalDurationMs(name: string): number | undefined {
    return this.text(name) === "" ? undefined : this.durationMs(name);
  }

  /** `lookback_delta`; undefined where the server's own setting holds. */
  lookbackMs(): number | undefined {
    const text = this.text("lookback_delta");
    const durationMs = text === "" ? undefined : parseQueryDurationMs(text);
    if (text !== "" && durationMs === undefined) {
      const reason = `cannot parse ${JSON.stringify(text)} to a valid duration`;
      throw new ParameterError(`error parsing lookback delta duration: ${reason}`);
    }
    // Upstream reads what is not above zero as "not given".
    return durationMs !== undefined && durationMs > 0 ? durationMs : undefined;
  }

  /**
   * `max_source_resolution`, as Thanos names it: the coarsest downsampled data that may answer, in ms (0: none), or
   * `"auto"`; the default where nothing is said.
   */
  maxSourceResolution(defaultResolution: number | "auto"): number | "auto" {
    const text = this.text("max_source_resolution");
    if (text === "") return defaultResolution;
    if (text === "auto") return "auto";
    const resolutionMs = parseQueryDurationMs(text);
    if (resolutionMs !== undefined && resolutionMs >= 0) return resolutionMs;
    const reason = `cannot parse ${JSON.stringify(text)}: expected a duration such as 0s, 5m or 1h, or auto`;
    throw ParameterError.of("max_source_resolution", reason);
  }

  /** How many answers are wanted; 0 = all. */
  limit(): number {
    const text = this.text("limit");
    if (text === "") return 0;
    if (!/^[+-]?\d{1,15}$/.test(text)) {
      throw ParameterError.of("limit", `cannot parse ${JSON.stringify(text)} to a valid limit`);
    }
    if (Number(text) < 0) throw ParameterError.of("limit", "limit must be non-negative");
    return Number(text);
  }

  /** The parsed query. */
  expression(options: ParserOptions): Expression {
    try {
      return parseExpression(this.text("query"), options);
    } catch (error) {
      throw invalidParameter("query", error);
    }
  }

  /** The selectors of `match[]`. */
  matcherSets(options: ParserOptions): readonly (readonly Matcher[])[] {
    const texts = this.all("match[]");
    if (texts.length > MAX_SELECTORS) {
      throw ParameterError.of("match[]", `more than ${MAX_SELECTORS} selectors in one request`);
    }
    const patterns = new PatternBudget();
    return texts.map((text) => {
      const matchers = matchersOf("match[]", text, { ...options, patterns });
      if (matchers.some((matcher) => !matcher.matchesEmpty())) return matchers;
      throw ParameterError.of("match[]", "match[] must contain at least one non-empty matcher");
    });
  }

  /** The matchers of one selector. */
  selector(name: string, options: ParserOptions): readonly Matcher[] {
    return matchersOf(name, this.text(name), options);
  }
}

function matchersOf(parameter: string, text: string, options: ParserOptions): readonly Matcher[] {
  let expression: Expression;
  try {
    expression = parseExpression(text, options);
  } catch (error) {
    throw invalidParameter(parameter, error);
  }
  if (expression.kind !== "vector-selector" || expression.offset !== undefined || expression.at !== undefined) {
    throw ParameterError.of(parameter, `${text} is no series selector`);
  }
  return expression.matchers;
}

/** A fault of the user's becomes one of that parameter; anything else stays what it is. */
export function invalidParameter(name: string, error: unknown): unknown {
  const isUsersFault = error instanceof AppError && error.kind === "invalid" && !(error instanceof ParameterError);
  return isUsersFault ? ParameterError.of(name, error.message, error) : error;
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Upstream's names for the ends of time, which its clients send. */
const ENDS_OF_TIME: Readonly<Record<string, number>> = {
  "-292273086-05-16T16:47:06Z": -FURTHEST_MS,
  "292277025-08-18T07:12:54.999999999Z": FURTHEST_MS,
};

/** Epoch ms, rounded, from Unix seconds or RFC 3339; undefined where the text is neither. */
export function parseTimeMs(text: string): number | undefined {
  const seconds = parseFloatGo(text);
  if (seconds !== undefined) return Number.isNaN(seconds) ? undefined : clamp(Math.round(seconds * 1000));
  const endOfTime = ENDS_OF_TIME[text];
  if (endOfTime !== undefined) return endOfTime;
  if (!RFC3339.test(text)) return undefined;
  const timestampMs = Date.parse(text);
  return Number.isNaN(timestampMs) ? undefined : timestampMs;
}

/** Milliseconds (possibly fractions of one) from seconds as a number or a duration such as `1h30m`. */
export function parseQueryDurationMs(text: string): number | undefined {
  const seconds = parseFloatGo(text);
  const durationMs = seconds === undefined ? parseDurationMs(text) : seconds * 1000;
  // Go keeps durations as 64-bit nanoseconds.
  return durationMs === undefined || !(Math.abs(durationMs) < 2 ** 63 / 1e6) ? undefined : durationMs;
}

function clamp(timestampMs: number): number {
  return Math.min(Math.max(timestampMs, -FURTHEST_MS), FURTHEST_MS);
}
