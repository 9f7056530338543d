import { expect, test } from "vitest";
import { FUNCTION_SIGNATURES } from "./function-signatures.ts";

test("function signatures - the table holds every function of Prometheus once", () => {
  expect(FUNCTION_SIGNATURES.size).toBe(90);
});

const f = (name: string, expected: object) =>
  test(`function signatures - ${name}`, () => {
    expect(FUNCTION_SIGNATURES.get(name)).toMatchObject(expected);
  });
f("rate", { argumentTypes: ["matrix"], variadic: 0, returnType: "vector", isExperimental: false });
f("time", { argumentTypes: [], returnType: "scalar" });
f("hour", { argumentTypes: ["vector"], variadic: 1 });
f("label_join", { argumentTypes: ["vector", "string", "string", "string"], variadic: -1 });
f("histogram_quantiles", {
  argumentTypes: ["vector", "string", "scalar", "scalar"],
  variadic: 9,
  isExperimental: true,
});
f("max_of", { argumentTypes: ["scalar", "scalar"], returnType: "scalar", isExperimental: true });
