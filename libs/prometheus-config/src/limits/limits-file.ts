import { ConfigFileError } from "../config-file-error.ts";
import type { ConfigText } from "../parse-prometheus-config.ts";
import { ConfigDocument } from "../yaml/config-document.ts";
import { duration, scalar, size } from "../yaml/scalars.ts";
import { mapping, optional, record, type Schema } from "../yaml/schema.ts";

/** What bounds the queries of one tenant; what is not there, the flags say. Durations in ms. */
export interface TenantQueryLimits {
  readonly maxSamples?: number;
  readonly maxSeries?: number;
  readonly maxReadBytes?: number;
  readonly maxSteps?: number;
  readonly maxConcurrencyPerTenant?: number;
  readonly timeoutMs?: number;
}

/** What bounds the write requests of one tenant. */
export interface TenantIngestLimits {
  readonly maxSeriesPerRequest?: number;
  /** Floats and native histograms together. */
  readonly maxSamplesPerRequest?: number;
}

export interface LimitSet {
  readonly query: TenantQueryLimits;
  readonly ingest: TenantIngestLimits;
}

/** A limits file: what holds for every tenant, and what for each of some; theirs already include the defaults. */
export interface LimitsFile {
  readonly defaults: LimitSet;
  readonly tenants: ReadonlyMap<string, LimitSet>;
}

export const NO_LIMITS: LimitsFile = { defaults: { query: {}, ingest: {} }, tenants: new Map() };

const positive: Schema<number> = scalar({
  expected: "a whole number above 0",
  parse: (value) => {
    const number = /^\+?\d[\d_]*$/.test(value) ? Number(value.replaceAll("_", "")) : Number.NaN;
    return Number.isSafeInteger(number) && number > 0 ? number : undefined;
  },
});

const querySection = mapping({
  name: "query",
  fields: {
    max_samples: optional(positive),
    max_series: optional(positive),
    max_bytes: optional(size),
    max_steps: optional(positive),
    max_concurrency: optional(positive),
    timeout: optional(duration),
  },
  check: (value, at) => {
    if (value.max_bytes === 0) at("max_bytes").fault("expected a size above 0");
    if (value.timeout !== undefined && value.timeout <= 0) at("timeout").fault("expected a duration above 0");
  },
});

const ingestSection = mapping({
  name: "ingest",
  fields: { max_series_per_request: optional(positive), max_samples_per_request: optional(positive) },
});

const limitsSection = mapping({
  name: "limits of a tenant",
  fields: { query: optional(querySection), ingest: optional(ingestSection) },
});

const fileSection = mapping({
  name: "the limits file",
  fields: { defaults: optional(limitsSection), tenants: optional(record(limitsSection, "limits")) },
});

/** Reads a limits file strictly; throws {@link ConfigFileError} with every fault. An empty file limits nothing. */
export function parseLimitsFile({ fileName, folder, text }: ConfigText): LimitsFile {
  const document = new ConfigDocument(text, { fileName, folder });
  const file = document.faultCount === 0 ? fileSection.decode(document.root) : undefined;
  if (file === undefined || document.faultCount > 0) throw new ConfigFileError(document.faults);
  const defaults = limitSetOf(file.defaults, NO_LIMITS.defaults);
  const tenants = Object.entries(file.tenants ?? {}).map(([name, own]) => [name, limitSetOf(own, defaults)] as const);
  return { defaults, tenants: new Map(tenants) };
}

type LimitsSection = Exclude<ReturnType<typeof limitsSection.decode>, undefined>;

function limitSetOf(section: LimitsSection | undefined, below: LimitSet): LimitSet {
  const query = section?.query;
  const ingest = section?.ingest;
  return {
    query: {
      ...below.query,
      ...given({
        maxSamples: query?.max_samples,
        maxSeries: query?.max_series,
        maxReadBytes: query?.max_bytes,
        maxSteps: query?.max_steps,
        maxConcurrencyPerTenant: query?.max_concurrency,
        timeoutMs: query?.timeout,
      }),
    },
    ingest: {
      ...below.ingest,
      ...given({
        maxSeriesPerRequest: ingest?.max_series_per_request,
        maxSamplesPerRequest: ingest?.max_samples_per_request,
      }),
    },
  };
}

/** Without what the file does not say. */
function given(limits: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, limit] of Object.entries(limits)) if (limit !== undefined) found[name] = limit;
  return found;
}
