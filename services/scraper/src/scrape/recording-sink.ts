import type { SampleAppend, SampleSink } from "@monotreme/bus";
import type { Labels, MetricMetadata, NativeHistogram } from "@monotreme/model";

export interface RecordedSample {
  readonly series: string;
  readonly timestampMs: number;
  /** `stale` for a staleness marker. */
  readonly value: number | "stale";
}

/** A stand-in for the bus in tests: it keeps what was committed, and fails on demand. */
export class RecordingSink implements SampleSink {
  readonly samples: RecordedSample[] = [];
  readonly announced: { readonly labels: Labels; readonly day: number }[] = [];
  readonly metadata: MetricMetadata[] = [];
  readonly histograms: {
    readonly series: string;
    readonly timestampMs: number;
    readonly histogram: NativeHistogram;
  }[] = [];
  readonly exemplars: { readonly series: string; readonly timestampMs: number; readonly value: number }[] = [];
  readonly starts: { readonly series: string; readonly timestampMs: number; readonly startMs: number }[] = [];
  /** Thrown by the next commits, one each. */
  readonly faults: Error[] = [];
  commits = 0;
  readonly #names = new Map<string, string>();

  begin(): SampleAppend {
    const samples: (readonly [key: string, timestampMs: number, low: number, high: number])[] = [];
    const announcements: { key: string; labels: Labels; day: number; onDurable: () => void }[] = [];
    const metadata: MetricMetadata[] = [];
    const histograms: (typeof this.histograms)[number][] = [];
    const starts: (typeof this.starts)[number][] = [];
    const exemplars: (typeof this.exemplars)[number][] = [];
    return {
      addSample: (_partition, _metricLow, _metricHigh, idLow, idHigh, timestampMs, low, high) => {
        samples.push([`${idHigh}/${idLow}`, timestampMs, low, high]);
      },
      announce: (_partition, _metricLow, _metricHigh, idLow, idHigh, day, labels, onDurable) => {
        announcements.push({ key: `${idHigh}/${idLow}`, labels, day, onDurable });
      },
      addHistogram: (_partition, _metricLow, _metricHigh, idLow, idHigh, timestampMs, histogram) => {
        histograms.push({ series: `${idHigh}/${idLow}`, timestampMs, histogram });
      },
      addStart: (_partition, _metricLow, _metricHigh, idLow, idHigh, timestampMs, startMs) => {
        starts.push({ series: `${idHigh}/${idLow}`, timestampMs, startMs });
      },
      addExemplar: (_partition, { seriesIdLow, seriesIdHigh, timestampMs, value }) => {
        exemplars.push({ series: `${seriesIdHigh}/${seriesIdLow}`, timestampMs, value });
      },
      addMetadata: (each) => metadata.push(each),
      commit: async () => {
        this.commits++;
        const fault = this.faults.shift();
        if (fault !== undefined) throw fault;
        this.metadata.push(...metadata);
        for (const { key, labels, day, onDurable } of announcements) {
          this.#names.set(key, labels.toString());
          this.announced.push({ labels, day });
          onDurable();
        }
        const named = <T extends { readonly series: string }>(one: T): T => ({
          ...one,
          series: this.#names.get(one.series) ?? one.series,
        });
        this.histograms.push(...histograms.map(named));
        this.exemplars.push(...exemplars.map(named));
        this.starts.push(...starts.map(named));
        for (const [key, timestampMs, low, high] of samples) {
          this.samples.push({ series: this.#names.get(key) ?? key, timestampMs, value: valueOf(low, high) });
        }
      },
    };
  }

  /** The values of one series so far. */
  valuesOf(series: string): (number | "stale")[] {
    return this.samples.filter((sample) => sample.series === series).map(({ value }) => value);
  }
}

function valueOf(low: number, high: number): number | "stale" {
  if (low === 2 && high === 0x7ff00000) return "stale";
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, low, true);
  view.setUint32(4, high, true);
  return view.getFloat64(0, true);
}
