import { randomFillSync } from "node:crypto";

const BYTES = 16;
/** Random bytes for the next ids: asking the system for each id costs more than all the rest of it. */
const pool = Buffer.alloc(256 * BYTES);
let used = pool.length;

function takeRandom(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.subarray(used - BYTES, used);
}

let lastTime = 0;
let lastCounter = 0;

/**
 * A UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter, 62 random bits. Ids of one process sort in the order in which they were
 * made, also within a millisecond: the counter begins in the lower half of its range, and when it is spent the time is taken to be one later.
 * @param now milliseconds since the epoch
 */
export function uuidv7(now: number = Date.now()): string {
  const bytes = takeRandom();
  const seed = bytes.readUInt16BE(6) & 0x7ff;
  const isLater = now > lastTime;
  lastCounter = isLater ? seed : lastCounter + 1;
  lastTime = isLater ? now : lastTime;
  if (lastCounter > 0xfff) {
    lastTime += 1;
    lastCounter = seed;
  }
  bytes.writeUIntBE(lastTime, 0, 6);
  bytes.writeUInt16BE(0x7000 | lastCounter, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
