import { distance as editDistance } from 'fastest-levenshtein';

/** The candidate most similar to `word`, if it is similar enough to be what the person meant; else null. */
export function nearest(word: string, candidates: string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}
