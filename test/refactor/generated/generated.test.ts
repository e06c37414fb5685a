import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playedImport } from './import-play.ts';
import { playedMove } from './move-play.ts';
import { playedPattern } from './pattern-play.ts';
import { type Kind, playedMany, shareMax } from './play.ts';
import { playedRename } from './rename-play.ts';

/**
 * Goal: a rename, move, change of imports or rewrite is complete, or says which places it is not. Method: repositories with a
 * known answer, made of pieces by seeds; the real tools work in them, every byte is compared, and after a move a resolver
 * of the test's own looks every reference up. `npm run proof -- mechanical` plays more of them.
 */
const samples: [kind: Kind, amount: number][] = [
  ['rename', 40],
  ['move', 60],
  ['import', 40],
  ['pattern', 40],
];
for (const [only, amount] of samples) {
  test(`Goals of the kind ${only} end in generated repositories as their answers say`, async () => {
    const { wrong, refused, share, counts } = await playedMany({ seed: 1, amount, only });
    assert.deepEqual(wrong, []);
    assert.ok(share <= shareMax, refused.join('\n'));
    assert.ok(counts[only]!.complete > amount / 5, 'the sample has goals that are complete');
  });
}

test('A wrong answer is found: the judges are not blind', async () => {
  const longer = (text: string) => text.replace(/\n$/, ' \n');
  const elsewhere = (text: string) => text.replace("from '", "from './no");
  for (const [play, spoilt] of [
    [playedRename, longer],
    [playedMove, elsewhere],
    [playedImport, longer],
    [playedPattern, longer],
  ] as const) {
    const right = await play(1);
    assert.deepEqual(right.wrong, []);
    const blind = await play(1, spoilt);
    assert.notDeepEqual(blind.wrong, [], right.title);
  }
});
