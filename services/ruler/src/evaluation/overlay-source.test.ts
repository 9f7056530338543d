import { isStaleAt, Labels, Matcher, wordsOf } from "@monotreme/model";
import type { SelectRequest } from "@monotreme/promql";
import { MemorySource } from "@monotreme/promql/testing";
import { expect, test } from "vitest";
import { OverlaySource } from "./overlay-source.ts";

const REQUEST: Omit<SelectRequest, "matchers"> = { afterMs: 0, untilMs: 100, stepMs: 0, functionName: "" };
const NAME = new Matcher("=", "__name__", "r");

function labelsOf(instance: string): Labels {
  return Labels.fromObject({ __name__: "r", instance });
}

test("overlay source - recent samples join the stored ones in time order, in range and matching only", async () => {
  const stored = new MemorySource();
  stored.append(labelsOf("a"), [
    { timestampMs: 10, value: 1 },
    { timestampMs: 20, value: "stale" },
    { timestampMs: 60, value: 3 },
  ]);
  const overlay = new OverlaySource(stored);
  overlay.add(50, [
    { labels: labelsOf("a"), value: 2 },
    { labels: labelsOf("b"), value: "stale" },
    { labels: Labels.fromObject({ __name__: "other" }), value: 9 },
  ]);
  const read = async (request: Partial<SelectRequest>) => {
    const series = await overlay.select({ ...REQUEST, matchers: [NAME], ...request });
    return series.map(({ labels, timestamps, values }) => {
      const shown = [...values].map((value, i) => (isStaleAt(wordsOf(values), i) ? "stale" : value));
      return [labels.get("instance"), [...timestamps].join(), shown.join()];
    });
  };
  expect(await read({})).toEqual([
    ["a", "10,20,50,60", "1,stale,2,3"],
    ["b", "50", "stale"],
  ]);
  expect(await read({ untilMs: 49 })).toEqual([["a", "10,20", "1,stale"]]);
  expect(await read({ afterMs: 50 })).toEqual([["a", "60", "3"]]);
  expect(await read({ matchers: [NAME, new Matcher("=", "instance", "b")] })).toEqual([["b", "50", "stale"]]);
  overlay.add(60, [{ labels: labelsOf("a"), value: 7 }]);
  expect(await read({ afterMs: 20 })).toEqual([
    ["a", "60", "7"],
    ["b", "50", "stale"],
  ]);
});
