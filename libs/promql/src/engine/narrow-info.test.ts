import { Labels } from "@monotreme/model";
import { expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import type { SelectRequest } from "../sample-source.ts";
import { MemorySource } from "../testing/memory-source.ts";
import { Engine } from "./engine.ts";

const SOURCE = new MemorySource();
for (const labels of [
  { __name__: "a", instance: "1", job: "x.y" },
  { __name__: "a", instance: "2", job: "x.y" },
  { __name__: "no_job", instance: "1" },
  { __name__: "anonymous", team: "t" },
  { __name__: "target_info", instance: "1", job: "x.y", zone: "z" },
  { __name__: "target_info", instance: "3", job: "x.y", zone: "z" },
]) {
  SOURCE.append(Labels.fromObject(labels), [{ timestampMs: 1000, value: 1 }]);
}

/** Runs an instant query and gives what was asked of the source for info series. */
async function infoRequests(query: string): Promise<readonly SelectRequest[]> {
  const requests: SelectRequest[] = [];
  const source = {
    select: (request: SelectRequest) => {
      requests.push(request);
      return SOURCE.select(request);
    },
  };
  const expression = parseExpression(query, { experimentalFunctions: true });
  const { value } = await new Engine().query(source, expression, { startMs: 1000, endMs: 1000, stepMs: 0 });
  expect(value.type === "vector" && value.samples.length).toBeGreaterThan(0);
  return requests.filter(({ matchers }) => matchers.some((one) => one.value === "target_info"));
}

/** `expected`: the matchers beyond the name's. */
async function f(query: string, expected: readonly string[]): Promise<void> {
  const requests = await infoRequests(query);
  expect(requests).toHaveLength(1);
  const matchers = requests.flatMap((request) => request.matchers.slice(1));
  expect(matchers.map((one) => `${one.name}${one.type}${one.value}`)).toEqual(expected);
}

test("narrow info - to the instances and jobs of the base series", async () => {
  await f("info(a)", ["instance=~1|2", "job=x.y"]);
  await f('info(a{instance="2"})', ["instance=2", "job=x.y"]);
  await f("info(sum by (instance, job) (max_over_time(a[5m])))", ["instance=~1|2", "job=x.y"]);
});

test("narrow info - not by labels that some series lack or a function may write", async () => {
  await f("info(no_job)", ["instance=1"]);
  await f('info(label_replace(a, "job", "b", "", ""))', []);
  await f('info(count_values("instance", a))', []);
});

test("narrow info - nothing is read where no series can be identified", async () => {
  expect(await infoRequests("info(anonymous)")).toEqual([]);
});
