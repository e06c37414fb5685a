import type { Usage } from '../../ipc/message.ts';
import type { Prices } from '../../ipc/model.ts';
import type { TokenPrices } from './budget.ts';

const perToken = 1 / 1_000_000;

/** The highest price of one token of a request: whether the token is cached is known only after the call. */
export function highestPrices(prices: Prices | null): TokenPrices {
  if (!prices) return null;
  return { input: Math.max(prices.input, prices.cacheWrite ?? 0) * perToken, output: prices.output * perToken };
}

/** The usage with its cost, in US dollars; the cost of tokens is 0 where no price is known. `searchUsd`: of one search. */
export function priced(usage: Usage, prices: Prices | null, searchUsd = 0): Usage {
  const searched = (usage.searches ?? 0) * searchUsd;
  if (!prices) return searched > 0 ? { ...usage, usd: searched } : usage;
  const { cachedTokens = 0, cacheWriteTokens = 0 } = usage;
  const plain = Math.max(0, usage.inputTokens - cachedTokens - cacheWriteTokens);
  const usd =
    (plain * prices.input +
      cachedTokens * (prices.cacheRead ?? prices.input) +
      cacheWriteTokens * (prices.cacheWrite ?? prices.input) +
      usage.outputTokens * prices.output) *
    perToken;
  return { ...usage, usd: usd + searched };
}
