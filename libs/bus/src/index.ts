export { type AckedPublishOptions, AckedPublisher } from "./acked-publisher.ts";
export { type AskOptions, askReplicas, type ReplicaAnswers } from "./ask-replicas.ts";
export { BucketWatch, type BucketWatchOptions } from "./bucket-watch.ts";
export { BusFullError, BusRefusedError, BusUnavailableError } from "./bus-errors.ts";
export { Bus, type BusOptions, connectBus } from "./connect-bus.ts";
export { type DeadLetter, publishDeadLetter } from "./dead-letters.ts";
export { ensureAlertStreams, ensurePingStream, ensureStreams, type StreamOptions } from "./ensure-streams.ts";
export { type BucketOptions, bucketStream, openBucket, openExistingBucket } from "./key-value.ts";
export { LeaseShare, type LeaseShareOptions, type ShareLease } from "./lease-share.ts";
export { Lease, type LeaseCallbacks, Leases, type LeasesOptions } from "./leases.ts";
export { MessagePuller, type PullOptions } from "./pull-messages.ts";
export { type SampleAppend, type SampleSink, SampleWriter, type SampleWriterOptions } from "./sample-writer.ts";
export { translateBusError } from "./translate-error.ts";
export { untilAvailable } from "./until-available.ts";
export {
  type BucketEntry,
  openVersionedBucket,
  type VersionedBucket,
  type VersionedBucketOptions,
} from "./versioned-bucket.ts";
export { isWriteConflict } from "./write-conflict.ts";
