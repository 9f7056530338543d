import { type GoStruct, goMap, goSlice, type GoSlice, goStruct } from "../value/go-object.ts";

/** One sample of a query's result: labels and value. */
export interface QuerySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Runs an instant query for a template at the evaluation's time; text results have their text in `__value__`. */
export type TemplateQuery = (expression: string) => Promise<readonly QuerySample[]>;

/** A sample as templates see it: `.Labels` and `.Value`. */
export function templateSample(sample: QuerySample): GoStruct {
  const Labels = goMap(sample.labels, { typeName: "map[string]string", zero: "" });
  return goStruct({ Labels, Value: sample.value }, {}, { typeName: "*template.sample" });
}

/** The result of a query as templates see it. */
export function templateResult(samples: readonly GoStruct[]): GoSlice {
  return goSlice(samples, { typeName: "template.queryResult" });
}
