interface VectorAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
}

/** An instant query; values by the label `connection` (or the empty string without it). */
export async function queryVector(url: string, query: string, timeMs: number): Promise<Map<string, number>> {
  const parameters = new URLSearchParams({ query, time: String(timeMs / 1000), nocache: "1" });
  const response = await fetch(`${url}/api/v1/query?${parameters.toString()}`, { signal: AbortSignal.timeout(30_000) });
  const answer = (await response.json()) as VectorAnswer;
  if (answer.status !== "success") throw new Error(`query failed: ${answer.error ?? response.status}`);
  const results = answer.data?.result ?? [];
  return new Map(results.map(({ metric, value }) => [metric["connection"] ?? "", Number(value[1])]));
}
