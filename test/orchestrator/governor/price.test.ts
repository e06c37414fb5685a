import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestPrices, priced } from '../../../orchestrator/governor/price.ts';

// Goal: a call costs what the table says, cached or not. Method: usages priced by hand, in dollars per million tokens.
const prices = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const usage = { inputTokens: 1_000_000, outputTokens: 100_000, usd: 0 };

test('what was read from and written to the cache has prices of its own, and thinking is output', () => {
  const cost = (more: object, of = prices as Parameters<typeof priced>[1]) => priced({ ...usage, ...more }, of).usd;
  assert.equal(cost({}), 4.5);
  assert.equal(cost({ reasoningTokens: 50_000 }), 4.5);
  assert.ok(Math.abs(cost({ cachedTokens: 800_000, cacheWriteTokens: 100_000 }) - (0.3 + 0.24 + 0.375 + 1.5)) < 1e-9);
  assert.equal(
    cost({ cachedTokens: 800_000 }, { input: 3, output: 15 }),
    4.5,
    'without a price of its own: as any input',
  );
  assert.equal(cost({}, null), 0);
});

test('a call is reserved at the highest price that its input can have', () => {
  const highest = highestPrices(prices);
  assert.ok(Math.abs((highest?.input ?? 0) * 1_000_000 - 3.75) < 1e-9);
  assert.ok(Math.abs((highest?.output ?? 0) * 1_000_000 - 15) < 1e-9);
  assert.equal(highestPrices(null), null);
});
