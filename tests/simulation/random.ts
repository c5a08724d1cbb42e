/** Numbers that follow from a seed alone: the same seed, the same decisions. */
export type Random = {
  /** From 0 to below 1. */
  next(): number;
  /** Both ends included. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  /** @throws Error when there is nothing to pick from */
  pick<Item>(items: readonly Item[]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
  bytes(count: number): Buffer;
};

/** Mulberry32: 32 bits of state, good enough to decide who goes first. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new Error("there is nothing to pick from");
      return item;
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = integer(0, last);
        shuffled.splice(last, 1, ...shuffled.splice(other, 1, ...shuffled.slice(last, last + 1)));
      }
      return shuffled;
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => integer(0, 255))),
  };
}

/** Ids like the product's, of a seed: they sort in the order in which they were made. */
export function createIds(random: Random, now: () => number): () => string {
  let count = 0;
  return () => {
    count += 1;
    const bytes = random.bytes(16);
    bytes.writeUIntBE(now(), 0, 6);
    bytes.writeUInt16BE(0x7000 | ((count >> 10) & 0xfff), 6);
    bytes.writeUInt16BE(0x8000 | ((count & 0x3ff) << 4), 8);
    const hex = bytes.toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}
