export { encodeWriteRequest, type WriteSeries } from "./encode-write-request.ts";
export { createLabelHashSeed, type LabelHashSeed } from "./label-hash.ts";
export { LABEL_FAULTS, type LabelFault, readLabels } from "./read-labels.ts";
export { BadProtobufError, BadSnappyError, RemoteWriteError, WriteRequestTooLargeError } from "./remote-write-error.ts";
export { compressSnappy, MAX_UNCOMPRESSED_BYTES, SnappyReader } from "./snappy.ts";
export type { WriteRequestColumns } from "./write-request-columns.ts";
export { WriteRequestDecoder } from "./write-request-decoder.ts";
