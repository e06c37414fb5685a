/**
 * How much a test with random inputs does: `gate` in `npm test`, `proof` when `npm run proof` runs the same file. One seed
 * begins both, so the gate's inputs are the first of the proof's.
 */
export function amountOf({ gate, proof }: { gate: number; proof: number }): number {
  return process.env.VTCODE_PROOF === undefined ? gate : proof;
}
