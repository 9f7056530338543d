/** One series of an instant query's answer. */
export interface InstantSample {
  readonly metric: Readonly<Record<string, string>>;
  /** Epoch seconds and the value as the API writes it. */
  readonly value: readonly [number, string];
}

const TIMEOUT_MS = 30_000;

/** Asks `/api/v1/query` for a vector; throws the answer's error. `time` is what the API takes: epoch seconds. */
export async function queryInstant(url: string, query: string, time?: number): Promise<readonly InstantSample[]> {
  const parameters = new URLSearchParams({ query, ...(time === undefined ? {} : { time: String(time) }) });
  const { result } = await askApi<{ result: readonly InstantSample[] }>(`${url}/api/v1/query?${parameters.toString()}`);
  return result;
}

/** The value of a query that answers one series; undefined when it answers none. */
export async function queryValue(url: string, query: string, time?: number): Promise<number | undefined> {
  const result = await queryInstant(url, query, time);
  if (result.length > 1) throw new Error(`${query} answered ${result.length} series`);
  return result[0] === undefined ? undefined : Number(result[0].value[1]);
}

/** The `data` of an answer in Prometheus' envelope; throws what the answer says when it is no success. */
export async function askApi<T>(address: string): Promise<T> {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  const answer = JSON.parse(text) as { readonly data: T };
  return answer.data;
}
