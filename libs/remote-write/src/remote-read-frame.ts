/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc >>> 0;
});

/**
 * A frame of Prometheus' streamed remote read: the message's length as a varint, its CRC-32C in big-endian order, the
 * message.
 */
export function encodeReadFrame(message: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = message.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  const frame = Buffer.allocUnsafe(length.length + 4 + message.length);
  frame.set(length);
  frame.writeUInt32BE(crc32c(message), length.length);
  frame.set(message, length.length + 4);
  return frame;
}

/** The CRC-32C of bytes, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = ((TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
  return (crc ^ 0xffff_ffff) >>> 0;
}
