export { INGESTER_FLAGS, INGESTER_LIMIT_FLAGS } from "./config.ts";
export { type IngestPipeline, type IngestPipelineOptions, startIngestPipeline } from "./ingest-pipeline.ts";
export { startIngester } from "./service.ts";
