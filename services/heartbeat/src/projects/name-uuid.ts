import { createHash } from "node:crypto";

/** Random once, so that our names give nobody else's UUIDs. */
const NAMESPACE = Buffer.from("6c1f3c0e9a5b4f0f8d9b7a34f2f0c7d1", "hex");

/** The UUID (version 5) of a path of names: the same names give the same UUID, on every machine. */
export function nameUuid(...names: readonly string[]): string {
  const hash = createHash("sha1").update(NAMESPACE).update(JSON.stringify(names)).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
