export { type BucketMakerOptions, createBucketMaker } from "./buckets/make-buckets.ts";
export { type Compactor, type CompactorOptions, startCompacting } from "./compactor.ts";
export { COMPACTOR_FLAGS, COMPACTOR_LIMIT_FLAGS, RETENTION_FLAGS } from "./config.ts";
export { startCompactor } from "./service.ts";
