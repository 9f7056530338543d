import { Labels, METRIC_NAME, wordsOf } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpositionError } from "./exposition-error.ts";
import { type WrittenFamily, writeExposition } from "./exposition-writer.ts";
import { ScrapeBodyParser } from "./scrape-body-parser.ts";
import type { TextFormat } from "./scrape-protocol.ts";

interface Outcome {
  readonly error?: string;
  readonly samples?: readonly unknown[];
  readonly exemplars?: readonly unknown[];
  readonly metadata?: readonly unknown[];
}

/** All that a parser says of a body but slot numbers, which depend on what it read before. */
function outcomeOf(parser: ScrapeBodyParser, body: Buffer, format: TextFormat): Outcome {
  try {
    const scrape = parser.parse(body, format);
    const words = wordsOf(scrape.values);
    const samples = Array.from(scrape.slots.subarray(0, scrape.count), (slot, i) => [
      parser.labelsOf(slot).toString(),
      words[i * 2],
      words[i * 2 + 1],
      scrape.timestamps[i],
    ]);
    const exemplars = scrape.exemplars.map((e) => [e.sample, e.labels.toString(), e.value, e.timestampMs]);
    return { samples, exemplars, metadata: parser.metadata() };
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    return { error: error.message };
  }
}

const line = fc.oneof(
  fc.constantFrom(
    "# TYPE a histogram",
    "# TYPE a gauge",
    "# TYPE a summary",
    "# HELP a one",
    "# HELP a two",
    "# HELP b text of b",
    "# UNIT a_s s",
    "# EOF",
    "",
    "# some comment",
  ),
  fc
    .tuple(
      fc.constantFrom(
        "a",
        "ab",
        "a{}",
        'a{le="1"}',
        'a{quantile="1"}',
        'a{le="1",b="}"}',
        '{"a.b",c="\\""}',
        'a {b="c"}',
      ),
      fc.constantFrom("1", "2", "-0.5", "1e3", "NaN", "12345678901234567890", "+Inf", "x", ""),
      fc.constantFrom("", "", "", " 1234", " 1.5", ' # {t="1"} 2 3', " "),
    )
    .map(([series, value, rest]) => `${series} ${value}${rest}`),
);

/** A chain of bodies, each made from the one before by a few edits. */
const bodies = fc
  .tuple(
    fc.array(line, { maxLength: 12 }),
    fc.array(
      fc.array(fc.tuple(fc.constantFrom("insert", "remove", "swap", "replace", "cut"), fc.nat(), fc.nat(), line), {
        maxLength: 3,
      }),
      {
        maxLength: 8,
      },
    ),
  )
  .map(([first, edits]) => {
    const chain = [first.join("\n")];
    const lines = [...first];
    for (const step of edits) {
      let cutAt = Infinity;
      for (const [kind, i, j, text] of step) {
        const at = i % (lines.length + 1);
        const other = j % (lines.length + 1);
        if (kind === "insert") lines.splice(at, 0, text);
        else if (kind === "remove") lines.splice(at, 1);
        else if (kind === "replace") lines.splice(at, 1, text);
        else if (kind === "swap") lines.push(...lines.splice(at, 1), ...lines.splice(other, 1));
        else cutAt = j;
      }
      const text = `${lines.join("\n")}\n`;
      chain.push(cutAt === Infinity ? text : text.slice(0, cutAt % (text.length + 1)));
    }
    return chain;
  });

const format = fc.constantFrom<TextFormat>("text", "text", "text", "openmetrics");

test("scrape body parser - says of every body of a chain what a fresh parser says", () => {
  fc.assert(
    fc.property(bodies, fc.array(format, { minLength: 9, maxLength: 9 }), fc.boolean(), (chain, formats, isMixed) => {
      const parser = new ScrapeBodyParser();
      for (const [i, text] of chain.entries()) {
        const chosen = (isMixed ? formats[i] : formats[0]) ?? "text";
        const body = Buffer.from(
          chosen === "openmetrics" && i % 3 > 0 ? `${text}\n# EOF\n`.replace(/\n+/g, "\n") : text,
        );
        expect(outcomeOf(parser, Buffer.from(body), chosen)).toEqual(outcomeOf(new ScrapeBodyParser(), body, chosen));
      }
    }),
    { numRuns: 1000 },
  );
});

test("scrape body parser - created and freed tell which series each slot stands for", () => {
  fc.assert(
    fc.property(bodies, (chain) => {
      const parser = new ScrapeBodyParser();
      const live = new Map<number, string>();
      let metadata = "[]";
      for (const text of chain) {
        try {
          const scrape = parser.parse(Buffer.from(text), "text");
          for (const slot of scrape.freed) expect(live.delete(slot)).toBe(true);
          for (const slot of scrape.created) {
            expect(live.has(slot)).toBe(false);
            live.set(slot, parser.labelsOf(slot).toString());
          }
          const shown = new Set(scrape.slots.subarray(0, scrape.count));
          expect(shown).toEqual(new Set(live.keys()));
          for (const slot of shown) expect(parser.labelsOf(slot).toString()).toBe(live.get(slot));
          const newMetadata = JSON.stringify(parser.metadata());
          if (!scrape.metadataChanged) expect(newMetadata).toBe(metadata);
          metadata = newMetadata;
        } catch (error) {
          if (!(error instanceof ExpositionError)) throw error;
        }
      }
    }),
    { numRuns: 600 },
  );
});

test("scrape body parser - arbitrary bytes give samples or an ExpositionError", () => {
  const fragment = fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom("# ", "TYPE", "HELP ", "EOF", "a", "{", "}", '"', "\\", "=", ",", " ", "\n", "1", "\t", ":")
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(fragment, { maxLength: 30 }), { maxLength: 4 }), format, (chain, chosen) => {
      const parser = new ScrapeBodyParser();
      for (const fragments of chain) outcomeOf(parser, Buffer.concat(fragments), chosen);
    }),
    { numRuns: 2000 },
  );
});

const text = fc.string({
  unit: fc.constantFrom("a", "B", "_", ".", " ", "\\", '"', "\n", "}", "ü", "🦆", "#"),
  maxLength: 8,
});
const name = fc.oneof(
  fc.constantFrom("a", "b_total", "c:d", "le"),
  text.filter((value) => value !== ""),
);
const timestampMs = fc.option(
  fc.nat(2 ** 40).map((eighths) => eighths * 125),
  { nil: undefined },
);
const labels = fc
  .dictionary(
    name.filter((value) => value !== METRIC_NAME),
    text,
    { maxKeys: 3 },
  )
  .map((object) => Labels.fromObject(object));
const value = fc.double();

const sample = fc
  .record({
    name,
    labels,
    value,
    timestampMs,
    exemplar: fc.option(fc.record({ labels, value, timestampMs }), { nil: undefined }),
  })
  .map(({ name: metric, labels: rest, timestampMs: ms, exemplar, value: number }) => ({
    labels: rest.with(METRIC_NAME, metric),
    value: number,
    ...(ms === undefined ? {} : { timestampMs: ms }),
    ...(exemplar === undefined ? {} : { exemplar: withoutUndefined(exemplar) }),
  }));

function withoutUndefined(exemplar: {
  labels: Labels;
  value: number;
  timestampMs: number | undefined;
}): NonNullable<WrittenFamily["samples"][number]["exemplar"]> {
  const { timestampMs: ms, ...rest } = exemplar;
  return ms === undefined ? rest : { ...rest, timestampMs: ms };
}

const families = fc.uniqueArray(
  fc.record({
    metric: name,
    type: fc.constantFrom("counter", "gauge", "unknown"),
    help: text,
    samples: fc.array(sample, { maxLength: 4 }),
  }),
  { maxLength: 4, selector: (family) => family.metric },
);

test("exposition writer - the parser reads back what was written", () => {
  fc.assert(
    fc.property(families, format, (written, chosen) => {
      const parser = new ScrapeBodyParser();
      const scrape = parser.parse(Buffer.from(writeExposition(written, chosen)), chosen);
      const samples = written.flatMap((family) => family.samples);
      expect(scrape.count).toBe(samples.length);
      for (const [i, expected] of samples.entries()) {
        expect(parser.labelsOf(scrape.slots[i] ?? -1).toObject()).toEqual(expected.labels.toObject());
        expect(scrape.values[i]).toBe(expected.value);
        expect(scrape.timestamps[i]).toBe(expected.timestampMs ?? Number.NaN);
      }
      const exemplars = samples.flatMap((s, i) =>
        s.exemplar === undefined || chosen === "text" ? [] : [{ sample: i, ...s.exemplar }],
      );
      expect(scrape.exemplars.map((e) => [e.sample, e.labels.toObject(), e.value, e.timestampMs])).toEqual(
        exemplars.map((e) => [e.sample, e.labels.toObject(), e.value, e.timestampMs]),
      );
      expect(parser.metadata()).toEqual(written.map(({ metric, type, help }) => ({ metric, type, help, unit: "" })));
    }),
    { numRuns: 1000 },
  );
});
