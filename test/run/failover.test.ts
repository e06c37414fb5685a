// Goal: a run whose vendor dies half-way goes on with the next, in the middle of its conversations, comes to the same
// tree, says so, and does nothing twice. Method: tasks whose Anthropic server is taken away, or stops speaking, after half
// of the calls; the second vendor speaks another format and refuses conversations that do not fit together. `npm run proof`
// does the same with 40 tasks.
import { test } from 'node:test';
import { vendorFallsSilent, vendorLeaves } from '../chaos/vendor-dies.ts';

test('a run whose first vendor refuses connections half-way ends on the second with the same tree', async () => {
  await vendorLeaves(8);
});

test('a first vendor that falls silent half-way, after the head of its answers, costs one deadline', async () => {
  await vendorFallsSilent(8);
});
