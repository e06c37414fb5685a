import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playedMove } from './move-play.ts';
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

/** Goal: after a move everything leads where it led, or is told. A resolver of the test's own looks every reference up. */
test('Moves in generated repositories leave every reference where it led', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { title, wrong, end, isDecidable, said } = await playedMove(seed);
    assert.deepEqual(wrong, [], title);
    assert.ok(!(isDecidable && end === 'refused'), `${title}: ${said}`);
  }
});

test('A wrong end of a move is found', async () => {
  const blind = await playedMove(1, (text) => text.replace("from '", "from './no"));
  assert.notDeepEqual(blind.wrong, []);
});
