import type { Labels } from "@monotreme/model";
import type { ColumnSeries } from "./column.ts";

/** The series that an aggregation puts together. */
export interface AggregationGroup {
  readonly labels: Labels;
  dropName: boolean;
  readonly members: ColumnSeries[];
}
