import { random } from '../../support/random.ts';

/** Choices that a seed repeats. */
export type Chance = { below(count: number): number; pick<One>(list: readonly One[]): One };

export function chances(seed: number): Chance {
  const next = random(seed);
  const below = (count: number) => Math.floor(next() * count);
  return { below, pick: (list) => list[below(list.length)]! };
}
