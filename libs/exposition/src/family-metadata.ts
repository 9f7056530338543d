import type { MetricMetadata, MetricType } from "@monotreme/model";
import { LINE_KIND, type LineTable } from "./line-table.ts";
import { metricTypeOf, RecordReader } from "./record-reader.ts";
import type { TextFormat } from "./scrape-protocol.ts";

/** What the metadata lines of a body say of its metric families, in the order in which it names them. */
export function metadataOf(table: LineTable, format: TextFormat): MetricMetadata[] {
  const families = new Map<string, { metric: string; type: MetricType; help: string; unit: string }>();
  const reader = new RecordReader(table.body, format);
  for (let line = 0; line < table.count; line++) {
    const kind = table.kinds[line] as number;
    if (kind < LINE_KIND.metadata || kind === LINE_KIND.eof) continue;
    reader.read(table.starts[line] as number);
    if (reader.metadata === undefined) continue;
    const { metric, field, text } = reader.metadata;
    const family = families.get(metric) ?? { metric, type: "unknown", help: "", unit: "" };
    if (field === "type") family.type = metricTypeOf(text, format === "openmetrics") ?? "unknown";
    else family[field] = text;
    families.set(metric, family);
  }
  return [...families.values()];
}
