// Goal: the words of a line mean for the gate what they mean for the programs. Method: generated lines that were judged to
// only look are run where they may write and nothing is hidden; they must change nothing and show no file but those named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './escape/differential.ts';

test('lines judged to only look change nothing and show no file that was not read of them', {
  skip: process.platform !== 'linux',
}, async () => {
  const { wrong, compared } = await compare({ seed: 20_260, amount: 500 });
  assert.deepEqual(wrong, []);
  assert.ok(compared >= 30, `only ${compared} lines were compared`);
});
