import type { Limits } from '../../ipc/config.ts';
import { rootOf } from '../../ipc/run-kind.ts';
import type { RunState, Spent } from '../../state/run-state.ts';

/**
 * The budget that is left. Before a call is made, the most that it can take is reserved; when it ends, the real usage
 * replaces that. So spent and reserved amounts together never exceed a limit. Pure.
 */
export type Need = {
  inputTokens: number;
  outputTokens: number;
  /** The most that it costs beside its tokens, in US dollars. */
  otherUsd?: number;
};
/** US dollars per token. Null: no price is known, and money is not counted. */
export type TokenPrices = { input: number; output: number } | null;
export type Reservation = { tokens: number; usd: number | null };

export type Allowance =
  | { kind: 'fits'; outputTokens: number; reserved: Reservation }
  /** Not now, but later perhaps: calls under way may take less than they have reserved. */
  | { kind: 'wait' }
  | { kind: 'over'; scope: 'run' | 'task'; reason: string; limit: { name: keyof Limits; value: number } };

/** The rest of one limit: for this call if no other call ends, and if all calls under way take nothing. */
type Left = { name: keyof Limits; value: number; spent: number; outputTokens: number; atBest: number };

/** A shorter answer is of no use, so the call is not made. */
const outputTokensMin = 512;

/**
 * How much a call may take. `pending`: granted calls that the state does not hold yet. If the budget is short, the
 * answer's length is lowered first, down to a useful minimum.
 */
export function roomFor(
  state: RunState,
  agent: string,
  need: Need,
  prices: TokenPrices,
  pending: { run: Spent; task: Spent },
): Allowance {
  const { usage } = state;
  const run = { calls: usage.calls, tokens: usage.inputTokens + usage.outputTokens, usd: usage.usd };
  const lefts = [
    ...leftOf('', run, add(reservedIn(state), pending.run), state, need, prices),
    ...taskLefts(state, agent, pending.task, need, prices),
  ];
  const useful = Math.min(outputTokensMin, need.outputTokens);
  const over = lefts.find((left) => left.atBest < useful);
  if (over) return overOf(over);
  // A rounding error of a division must not cost a token.
  const least = Math.min(need.outputTokens, ...lefts.map((left) => left.outputTokens));
  const outputTokens = Math.floor(least + 1e-6);
  if (outputTokens < useful) return { kind: 'wait' };
  const usd = prices && need.inputTokens * prices.input + outputTokens * prices.output + (need.otherUsd ?? 0);
  return { kind: 'fits', outputTokens, reserved: { tokens: need.inputTokens + outputTokens, usd } };
}

/** The most that the open model calls may take together, by the log. */
export function reservedIn(state: RunState): { tokens: number; usd: number } {
  const sum = { tokens: 0, usd: 0 };
  for (const { reserved } of state.agents.values()) {
    sum.tokens += reserved?.tokens ?? 0;
    sum.usd += reserved?.usd ?? 0;
  }
  return sum;
}

type Open = { calls: number; tokens: number; usd: number };

function add(reserved: { tokens: number; usd: number }, pending: Spent): Open {
  return { calls: pending.calls, tokens: reserved.tokens + pending.tokens, usd: reserved.usd + pending.usd };
}

/** The rest of the limits of an agent's task. */
function taskLefts(state: RunState, agent: string, pending: Spent, need: Need, prices: TokenPrices): Left[] {
  const spent = { calls: 0, tokens: 0, usd: 0 };
  const reserved = { tokens: 0, usd: 0 };
  for (const [name, one] of state.agents) {
    if (rootOf(name) !== rootOf(agent)) continue;
    spent.calls += one.usage.calls;
    spent.tokens += one.usage.tokens;
    spent.usd += one.usage.usd;
    reserved.tokens += one.reserved?.tokens ?? 0;
    reserved.usd += one.reserved?.usd ?? 0;
  }
  return leftOf('task_', spent, add(reserved, pending), state, need, prices);
}

/** The rest, after `spent` and `open`, of the limits whose names begin with `prefix`, in output tokens. */
function leftOf(
  prefix: '' | 'task_',
  spent: Spent,
  open: Open,
  state: RunState,
  need: Need,
  prices: TokenPrices,
): Left[] {
  const { limits } = state.created.config;
  const left = (name: keyof Limits, spentOfIt: number, openOfIt: number, input: number, perOutput: number): Left => {
    const value = limits[name];
    const atBest = (value - spentOfIt - input) / perOutput;
    return { name, value, spent: spentOfIt, atBest, outputTokens: atBest - openOfIt / perOutput };
  };
  const callsLeft = limits[`${prefix}calls`] - spent.calls;
  const unlessNone = (left: number) => (left > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  const byCalls = { atBest: unlessNone(callsLeft), outputTokens: unlessNone(callsLeft - open.calls) };
  return [
    { name: `${prefix}calls`, value: limits[`${prefix}calls`], spent: spent.calls, ...byCalls },
    left(`${prefix}tokens`, spent.tokens, open.tokens, need.inputTokens, 1),
    ...(prices && prices.output > 0
      ? [
          left(
            `${prefix}usd`,
            spent.usd,
            open.usd,
            need.inputTokens * prices.input + (need.otherUsd ?? 0),
            prices.output,
          ),
        ]
      : []),
  ];
}

function overOf({ name, value, spent }: Left): Allowance {
  const scope = name.startsWith('task_') ? 'task' : 'run';
  const who = scope === 'run' ? 'the run' : 'the task';
  const what = name.endsWith('usd')
    ? `spent $${spent.toFixed(4)} of $${value} on models`
    : name.endsWith('tokens')
      ? `used ${spent} of ${value} tokens`
      : `used its ${spent} model calls`;
  const next = name.endsWith('calls') ? '' : ', and the next call could go beyond that';
  return { kind: 'over', scope, reason: `${who} ${what}${next} (limits.${name})`, limit: { name, value } };
}
