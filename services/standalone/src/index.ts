export { STANDALONE_FLAGS } from "./config.ts";
export { startEmbeddedClickHouse } from "./embedded/clickhouse.ts";
export { type EmbeddedPartName, type EmbeddedParts, startEmbeddedParts } from "./embedded/embedded-parts.ts";
export type { EmbeddedServer, EmbeddedServerOptions } from "./embedded/embedded-server.ts";
export { findFreePort } from "./embedded/free-port.ts";
export { startEmbeddedNats } from "./embedded/nats.ts";
export { type NodeExporterOptions, startNodeExporter } from "./embedded/node-exporter.ts";
export type { ProcessLogger } from "./embedded/process-logger.ts";
export { startEmbeddedRedis } from "./embedded/redis.ts";
