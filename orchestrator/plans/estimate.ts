import type { Estimate, Plan } from '../../ipc/plan.ts';
import { priced } from '../governor/price.ts';
import type { ModelChoice } from '../models/resolve.ts';

/**
 * The expected cost of a plan before it runs. Tasks of agents vary widely, so it is given as two bounds: half of such
 * plans stay below the first, nine of ten below the second. Pure.
 */

/** The embedded model does a task in two calls and these seconds, beside the checks. */
const mechanical = { calls: 2, seconds: 1.5 };

/**
 * Model calls of one task of a language model: half of the tasks take fewer than the first, nine of ten fewer than the
 * second. Small bounded edits, as peers' public logs show them; a run's own account is in its manifest.
 */
const callsOfTask = { half: 12, most: 36 };
/** Tokens of a first request, those that each later call adds to the next ones, and those of an answer. */
const firstTokens = 4_000;
const addedTokens = 1_500;
const answerTokens = 500;
const secondsPerCall = 8;

/** Nine of ten values of a normal distribution lie below the mean plus so many standard deviations. */
const ninetieth = 1.2816;

export function estimateOf(plan: Plan, modelOf: (role: string) => ModelChoice | undefined, checkMs: number): Estimate {
  const checkSeconds = checkMs / 1000;
  const total = { modelCalls: 0, tokens: 0, usd: 0, seconds: 0 };
  let variance = { tokens: 0, usd: 0 };
  for (const task of plan.tasks) {
    const model = modelOf(task.role);
    total.seconds += checkSeconds;
    if (!model?.endpoint) {
      total.modelCalls += mechanical.calls;
      total.seconds += mechanical.seconds;
      continue;
    }
    const half = costOf(callsOfTask.half, model);
    const most = costOf(callsOfTask.most, model);
    total.modelCalls += callsOfTask.half;
    total.seconds += callsOfTask.half * secondsPerCall;
    total.tokens += half.tokens;
    total.usd += half.usd;
    variance = {
      tokens: variance.tokens + ((most.tokens - half.tokens) / ninetieth) ** 2,
      usd: variance.usd + ((most.usd - half.usd) / ninetieth) ** 2,
    };
  }
  const { modelCalls, tokens, usd, seconds } = total;
  return {
    modelCalls,
    tokens: Math.round(tokens),
    usd,
    seconds: Math.ceil(seconds),
    tokensP90: Math.round(tokens + ninetieth * Math.sqrt(variance.tokens)),
    usdP90: usd + ninetieth * Math.sqrt(variance.usd),
  };
}

/** The tokens of a conversation of so many calls: each call sends all earlier text again, most of it from the cache. */
function costOf(calls: number, model: ModelChoice): { tokens: number; usd: number } {
  const newTokens = firstTokens + addedTokens * (calls - 1);
  const inputTokens = calls * firstTokens + (addedTokens * calls * (calls - 1)) / 2;
  const outputTokens = calls * answerTokens;
  const usage = { inputTokens, outputTokens, usd: 0, cachedTokens: inputTokens - newTokens };
  return { tokens: inputTokens + outputTokens, usd: priced(usage, model.facts.prices).usd };
}
