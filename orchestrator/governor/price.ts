import type { Usage } from '../../ipc/message.ts';
import type { Prices } from '../../ipc/model.ts';
import type { TokenPrices } from './budget.ts';

const perToken = 1 / 1_000_000;

/** The most that one token of a request can cost: whether it is cached is known only afterwards. */
export function highestPrices(prices: Prices | null): TokenPrices {
  if (!prices) return null;
  return { input: Math.max(prices.input, prices.cacheWrite ?? 0) * perToken, output: prices.output * perToken };
}

/** The usage with what it cost, in US dollars; 0 where no price is known. */
export function priced(usage: Usage, prices: Prices | null): Usage {
  if (!prices) return usage;
  const { cachedTokens = 0, cacheWriteTokens = 0 } = usage;
  const plain = Math.max(0, usage.inputTokens - cachedTokens - cacheWriteTokens);
  const usd =
    (plain * prices.input +
      cachedTokens * (prices.cacheRead ?? prices.input) +
      cacheWriteTokens * (prices.cacheWrite ?? prices.input) +
      usage.outputTokens * prices.output) *
    perToken;
  return { ...usage, usd };
}
