import assert from 'node:assert/strict';
import { test } from 'node:test';
import { played, playedMany } from './play.ts';

/**
 * Goal: a rename is complete, or says which places it is not. Method: repositories with a known answer, made of pieces by
 * seeds; the real tool renames in them, and every byte is compared. `npm run proof -- renames` plays more of them.
 */
test('Renames in generated repositories end as their answers say', async () => {
  const { wrong, counts } = await playedMany({ seed: 1, amount: 40 });
  assert.deepEqual(wrong, []);
  assert.equal(counts.refused, 0);
});

test('A wrong answer is found: the judge of these renames is not blind', async () => {
  const right = await played(1);
  assert.deepEqual(right.wrong, []);
  const blind = await played(1, (text) => text.replace(/\n$/, ' \n'));
  assert.notDeepEqual(blind.wrong, []);
});
