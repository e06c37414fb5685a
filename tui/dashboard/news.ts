import { pendingApprovals } from '../../orchestrator/schedule/approvals.ts';
import type { Watched } from './all-runs.ts';

/** News for a person who looks elsewhere: a call or a plan began to wait for them, or a run has ended. */
export type News = { key: string; text: string };

/** Answers a function that says what is new since it was asked last; what there was at first is no news. */
export function newsReader(): (watched: Iterable<Watched>) => News[] {
  let known: Set<string> | null = null;
  return (watched) => {
    const now = new Map<string, string>();
    for (const one of watched) for (const { key, text } of standing(one)) now.set(key, text);
    const before = known;
    known = new Set(now.keys());
    return before === null ? [] : [...now].flatMap(([key, text]) => (before.has(key) ? [] : [{ key, text }]));
  };
}

function standing({ run, state }: Watched): News[] {
  if (state === null) return [];
  const name = state.created.name ?? run;
  if (state.finished) return [{ key: `${run} ended`, text: `${name}: ${state.finished.outcome}` }];
  const waiting = pendingApprovals(state).map(({ approval, agent, exact }) => ({
    key: `${run} ${approval}`,
    text: `${name}/${agent} waits for you: ${exact.summary.split('\n')[0] ?? ''}`,
  }));
  if (state.phase.value === 'proposed') waiting.push({ key: `${run} plan`, text: `${name}: its plan waits for you` });
  if (state.gaveUp) waiting.push({ key: `${run} gave up`, text: `${name}: gave up` });
  return waiting;
}
