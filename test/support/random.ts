/** Numbers in [0, 1) that a seed repeats (mulberry32). Its state is one number, so that it can go on later. */
export function seeded(seed: number): { next(): number; state(): number } {
  let state = seed >>> 0;
  return {
    state: () => state,
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** The numbers alone. */
export function random(seed: number): () => number {
  return seeded(seed).next;
}
