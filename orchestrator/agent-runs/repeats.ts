import { type Repetition, repetition } from '../../state/repetition.ts';
import type { AgentState } from '../../state/run-state.ts';

/** After so many equal rounds of calls the agent is told. */
const repeatsTold = 3;
/** After so many a person is asked before the next one; without a person the agent ends. */
export const repeatsAsked = 5;

/** The words for an agent that repeats itself, once in each loop; null: there is nothing to tell. Pure. */
export function repeatsToTell({ done, warned }: AgentState): string | null {
  if (warned) return null;
  const found = repetition(done);
  if (found.times < repeatsTold) return null;
  return `You repeat yourself: ${inWords(found)}. Nothing new will come of it. Look at what the results say, and try something else; if you cannot go on, say so and why.`;
}

/** The repeated calls in words, for the agent and for a person. */
export function inWords({ times, round }: Repetition): string {
  const names = [...new Set(round.map(({ name }) => name))].join(', ');
  if (round.length === 1)
    return `the same call of ${names} ${round[0]?.failed ? 'failed in the same way' : 'had the same result'} ${times} times`;
  return `the same ${round.length} calls (${names}) had the same results ${times} times in a row`;
}
