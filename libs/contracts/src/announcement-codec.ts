import { Labels, METRIC_TYPES, type MetricMetadata } from "@monotreme/model";
import { ByteReader, type ByteWriter } from "./byte-writer.ts";
import type { SampleBatch, SeriesAnnouncement } from "./sample-batch.ts";
import { SampleBatchError } from "./sample-batch-error.ts";

const MAX_LABELS = 65_536;

/** Appends one announcement: two ids as words, day, byte length of the labels, label count, names and values in turn. */
export function writeAnnouncement(writer: ByteWriter, announcement: SeriesAnnouncement): void {
  writer.word(announcement.metricIdLow);
  writer.word(announcement.metricIdHigh);
  writer.word(announcement.seriesIdLow);
  writer.word(announcement.seriesIdHigh);
  writer.word(announcement.day);
  writer.word(announcement.labels.size);
  for (const [name, value] of announcement.labels) {
    writer.text(name);
    writer.text(value);
  }
}

/** Reads all announcements of a batch; throws SampleBatchError where they are broken. */
export function* decodeAnnouncements(batch: SampleBatch): IterableIterator<SeriesAnnouncement> {
  const reader = new ByteReader(batch.announcements, cutShort);
  for (let i = 0; i < batch.announcementCount; i++) {
    const ids = [reader.word(), reader.word(), reader.word(), reader.word()] as const;
    const day = reader.word();
    const labelCount = reader.word();
    if (labelCount > MAX_LABELS) throw new SampleBatchError("an announcement has too many labels");
    const pairs: string[] = [];
    for (let label = 0; label < labelCount * 2; label++) pairs.push(reader.text());
    yield {
      metricIdLow: ids[0],
      metricIdHigh: ids[1],
      seriesIdLow: ids[2],
      seriesIdHigh: ids[3],
      day,
      labels: Labels.fromSortedPairs(pairs),
    };
  }
}

/** Texts about a metric are cut to this, so that no metadata outgrows a message. */
const MAX_TEXT_LENGTH = 8192;

/** Appends one entry; help and unit are cut at 8192 characters. */
export function writeMetadata(writer: ByteWriter, metadata: MetricMetadata): void {
  writer.text(metadata.metric.slice(0, MAX_TEXT_LENGTH));
  writer.word(METRIC_TYPES.indexOf(metadata.type));
  writer.text(metadata.help.slice(0, MAX_TEXT_LENGTH));
  writer.text(metadata.unit.slice(0, MAX_TEXT_LENGTH));
}

/** Reads all metadata of a batch; throws SampleBatchError where it is broken. */
export function* decodeMetadata(batch: SampleBatch): IterableIterator<MetricMetadata> {
  const reader = new ByteReader(batch.metadata, cutShort);
  for (let i = 0; i < batch.metadataCount; i++) {
    const metric = reader.text();
    const type = METRIC_TYPES[reader.word()] ?? "unknown";
    yield { metric, type, help: reader.text(), unit: reader.text() };
  }
}

function cutShort(): never {
  throw new SampleBatchError("cut short in its labels or metadata");
}
