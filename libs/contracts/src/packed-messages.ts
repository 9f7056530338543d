/** One message of a stream, as it stands among others in a packed one. */
export interface MessagePart {
  /** Where it would have been published by itself. */
  readonly subject: string;
  readonly data: Uint8Array;
}

const FORMAT = 1;
/** Of the subject (16 bits) and of the data (32 bits), least significant byte first. */
const LENGTHS_BYTES = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Puts messages into one, in their order: a byte for the format, then each part's lengths, subject and data. */
export function packMessages(parts: readonly MessagePart[]): Uint8Array {
  const subjects = parts.map(({ subject }) => encoder.encode(subject));
  let length = 1;
  for (const [i, { data }] of parts.entries()) length += LENGTHS_BYTES + (subjects[i]?.length ?? 0) + data.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = FORMAT;
  let at = 1;
  for (const [i, { data }] of parts.entries()) {
    const subject = subjects[i] ?? new Uint8Array();
    view.setUint16(at, subject.length, true);
    view.setUint32(at + 2, data.length, true);
    bytes.set(subject, at + LENGTHS_BYTES);
    bytes.set(data, at + LENGTHS_BYTES + subject.length);
    at += LENGTHS_BYTES + subject.length + data.length;
  }
  return bytes;
}

/** The parts in their order, their data part of `bytes`; throws for bytes that are no packed message. */
export function unpackMessages(bytes: Uint8Array): MessagePart[] {
  if (bytes[0] !== FORMAT) throw new Error("not a packed message");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: MessagePart[] = [];
  for (let at = 1; at < bytes.length; ) {
    if (at + LENGTHS_BYTES > bytes.length) throw new Error("a packed message is cut");
    const dataAt = at + LENGTHS_BYTES + view.getUint16(at, true);
    const end = dataAt + view.getUint32(at + 2, true);
    if (end > bytes.length) throw new Error("a packed message is cut");
    const subject = decoder.decode(bytes.subarray(at + LENGTHS_BYTES, dataAt));
    parts.push({ subject, data: bytes.subarray(dataAt, end) });
    at = end;
  }
  return parts;
}
