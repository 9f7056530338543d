/** A way to keep samples in ClickHouse: a table, and how it is filled from those that `loadFleet` wrote. */
export interface Layout {
  readonly name: string;
  readonly table: string;
  readonly kind: "rows" | "arrays" | "packed";
  readonly isTargetFirst: boolean;
  readonly create: string;
  readonly fill: string;
}

/** What is known of each series beside its samples. */
const IDS = "target UInt64 CODEC(ZSTD(1)), metric_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1))";
const METRIC_FIRST = "metric_id, series_id";
const TARGET_FIRST = "target, metric_id, series_id";
const START = "start Int64 CODEC(Delta(8), ZSTD(1))";
/** Columns in files of their own however small a part is, so that their bytes are told apart. */
const WIDE = "min_bytes_for_wide_part = 0, fsync_after_insert = 0";
const BLOCKS = "index_granularity = 256, min_compress_block_size = 262144, max_compress_block_size = 1048576";

/** Those of the comparison, then the settings of the one that was chosen. */
export function allLayouts(): readonly Layout[] {
  return [
    rows("rows, metric first", false),
    rows("rows, target first", true),
    arrays("arrays, metric first, Int32 times", "Int32", false),
    arrays("arrays, metric first, Int64 times", "Int64", false),
    arrays("arrays, target first, Int32 times", "Int32", true),
    packed("packed, target first, 256, 256 KiB", { granularity: 256, blockKiB: 256, isTargetFirst: true }),
    ...[64, 256, 1024].flatMap((granularity) =>
      [64, 256, 1024].map((blockKiB) =>
        packed(`packed, metric first, ${granularity}, ${blockKiB} KiB`, { granularity, blockKiB }),
      ),
    ),
  ];
}

/** As `samples` is today, or sorted by target. */
function rows(name: string, isTargetFirst: boolean): Layout {
  const table = isTargetFirst ? "rows_target_first" : "rows_metric_first";
  const order = isTargetFirst ? TARGET_FIRST : METRIC_FIRST;
  return {
    name,
    table,
    kind: "rows",
    isTargetFirst,
    create: `CREATE TABLE ${table} (${IDS}, ts Int64 CODEC(Delta(8), ZSTD(1)), value Float64 CODEC(Delta(8), ZSTD(1)))
      ENGINE = MergeTree PARTITION BY toInt64(floor((ts - 1) / 7200000)) ORDER BY (${order}, ts)
      SETTINGS index_granularity = 2048, ${WIDE}`,
    fill: `INSERT INTO ${table} SELECT target, metric_id, series_id, toInt64(t), v FROM loaded
      ARRAY JOIN times AS t, floats AS v SETTINGS max_partitions_per_insert_block = 0`,
  };
}

/** A row a series and window: numbers as whole mantissas of one exponent where they are decimals, else as they are. */
function arrays(name: string, timeType: "Int32" | "Int64", isTargetFirst: boolean): Layout {
  const table = `arrays_${timeType.toLowerCase()}_${isTargetFirst ? "target" : "metric"}_first`;
  const order = isTargetFirst ? TARGET_FIRST : METRIC_FIRST;
  const bytes = timeType === "Int32" ? 4 : 8;
  const time = timeType === "Int32" ? "t - start" : "t";
  return {
    name,
    table,
    kind: "arrays",
    isTargetFirst,
    create: `CREATE TABLE ${table} (${IDS}, ${START},
      ts Array(${timeType}) CODEC(Delta(${bytes}), ZSTD(1)),
      mantissas Array(Int64) CODEC(Delta(8), T64, ZSTD(3)), exponent Int8 CODEC(ZSTD(1)),
      floats Array(Float64) CODEC(ZSTD(3)))
      ENGINE = MergeTree PARTITION BY intDiv(start, 86400000) ORDER BY (${order}, start) SETTINGS ${BLOCKS}, ${WIDE}`,
    fill: `INSERT INTO ${table} SELECT target, metric_id, series_id, start, arrayMap(t -> to${timeType}(${time}), times),
      arrayMap(m -> toInt64(m), mantissas), exponent, if(exponent < 0, floats, []) FROM loaded
      SETTINGS max_partitions_per_insert_block = 0`,
  };
}

interface PackedSettings {
  readonly granularity: number;
  readonly blockKiB: number;
  readonly isTargetFirst?: boolean;
}

/** As `raw_chunks` is. */
function packed(name: string, { granularity, blockKiB, isTargetFirst = false }: PackedSettings): Layout {
  const table = `packed_${granularity}_${blockKiB}${isTargetFirst ? "_target_first" : ""}`;
  const order = isTargetFirst ? TARGET_FIRST : METRIC_FIRST;
  return {
    name,
    table,
    kind: "packed",
    isTargetFirst,
    create: `CREATE TABLE ${table} (${isTargetFirst ? "target UInt64 CODEC(ZSTD(1)), " : ""}
      class LowCardinality(String), metric_id UInt64 CODEC(ZSTD(1)), series_id UInt64 CODEC(ZSTD(1)),
      ${START}, generation UInt64 CODEC(Delta(8), ZSTD(1)), samples UInt32 CODEC(ZSTD(1)),
      times LowCardinality(String) CODEC(ZSTD(3)), data Array(UInt8) CODEC(ZSTD(3)))
      ENGINE = MergeTree PARTITION BY (class, intDiv(start, 86400000)) ORDER BY (${order}, start)
      SETTINGS index_granularity = ${granularity}, min_compress_block_size = ${blockKiB * 1024},
        max_compress_block_size = 1048576, ${WIDE}`,
    fill: isTargetFirst
      ? `INSERT INTO ${table} SELECT loaded.target, raw_chunks.* FROM raw_chunks
         INNER JOIN (SELECT DISTINCT target, series_id FROM loaded) AS loaded USING series_id
         SETTINGS max_partitions_per_insert_block = 0`
      : `INSERT INTO ${table} SELECT * FROM raw_chunks SETTINGS max_partitions_per_insert_block = 0`,
  };
}
