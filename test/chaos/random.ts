/** A small seeded generator (mulberry32), so that one seed gives one sequence of kills. Its state is one number. */
export function mulberry(seed: number): { next(): number; state(): number } {
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
