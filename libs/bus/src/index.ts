export { type AskOptions, askReplicas, type ReplicaAnswers } from "./ask-replicas.ts";
export { BusFullError, BusRefusedError, BusUnavailableError } from "./bus-errors.ts";
export { Bus, type BusOptions, connectBus } from "./connect-bus.ts";
export { type DeadLetter, publishDeadLetter } from "./dead-letters.ts";
export { ensureAlertStreams, ensureStreams, type StreamOptions } from "./ensure-streams.ts";
export { openBucket } from "./key-value.ts";
export { MessagePuller, type PullOptions } from "./pull-messages.ts";
export { type SampleAppend, type SampleSink, SampleWriter, type SampleWriterOptions } from "./sample-writer.ts";
export { translateBusError } from "./translate-error.ts";
