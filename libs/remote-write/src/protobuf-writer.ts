import { WIRE } from "./protobuf-reader.ts";

const TWO_TO_32 = 0x1_0000_0000;
/** Lengths of nested messages are written into this many bytes, moved back where fewer are enough. */
const LENGTH_BYTES = 5;

/** Writes protobuf fields into a growing buffer; fields with their default value are left out, as proto3 has it. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, 0, this.#length);
  }

  /** A length-delimited field whose content `write` writes; it is written even where it is empty. */
  message(field: number, write: () => void): void {
    this.#reserve(2 * LENGTH_BYTES);
    this.#varint((field << 3) | WIRE.bytes);
    const lengthAt = this.#length;
    this.#length += LENGTH_BYTES;
    const bodyAt = this.#length;
    write();
    const bodyEnd = this.#length;
    this.#length = lengthAt;
    this.#varint(bodyEnd - bodyAt);
    this.#buffer.copyWithin(this.#length, bodyAt, bodyEnd);
    this.#length += bodyEnd - bodyAt;
  }

  text(field: number, value: string): void {
    if (value === "") return;
    this.message(field, () => this.rawText(value));
  }

  /** A length-delimited field of bytes; left out where there are none. */
  bytes(field: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.message(field, () => {
      this.#reserve(value.length);
      this.#buffer.set(value, this.#length);
      this.#length += value.length;
    });
  }

  /** A signed varint of a whole number within ±2^53. */
  int64(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(16);
    this.#varint((field << 3) | WIRE.varint);
    this.#varint(value);
  }

  /** Repeated doubles in one field; none at all is left out. */
  packedDoubles(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    this.message(field, () => {
      this.#reserve(values.length * 8);
      for (const value of values) this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    });
  }

  /** The bytes of a text, without field and length. */
  rawText(value: string): void {
    this.#reserve(value.length * 3);
    this.#length += this.#buffer.write(value, this.#length);
  }

  /** A number without its field, for packed fields. */
  rawVarint(value: number): void {
    this.#reserve(16);
    this.#varint(value);
  }

  fixed64(field: number, low: number, high: number): void {
    if (low === 0 && high === 0) return;
    this.#reserve(16);
    this.#varint((field << 3) | WIRE.fixed64);
    this.#buffer.writeUInt32LE(low, this.#length);
    this.#buffer.writeUInt32LE(high, this.#length + 4);
    this.#length += 8;
  }

  /** A double that is written even where it is 0, as members of a oneof are. */
  double(field: number, value: number): void {
    this.#reserve(16);
    this.#varint((field << 3) | WIRE.fixed64);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  #varint(value: number): void {
    let high = Math.floor(value / TWO_TO_32);
    let low = (value - high * TWO_TO_32) >>> 0;
    high >>>= 0;
    while (high !== 0 || low > 0x7f) {
      this.#buffer[this.#length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#buffer[this.#length++] = low;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
