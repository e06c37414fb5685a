import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/repository.ts';
import { measureTruth } from '../../support/truth.ts';

/**
 * Goal: what is shown is what logs and leases say, at that moment or one frame earlier, through crashes and clock jumps.
 * Method: a process writes the logs of a hundred agents; every cell of every frame is held against a fold of its own. This
 * is a sample; `npm run bench -- dashboard` compares a hundred thousand cells.
 */
test('no cell of the dashboard is older than a frame, and none is wrong', async (t) => {
  const home = temporaryFolder('truth');
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const seed = Number(process.env.VTCODE_SEED ?? Date.now() % 100_000);
  const { cells, late, wrong, events, examples } = await measureTruth(
    home,
    { runs: 5, agents: 20, rate: 600, seed },
    20_000,
  );
  const said = `seed ${seed}: ${cells} cells, ${events} events\n${examples.join('\n')}`;
  assert.ok(events > 1_000, said);
  assert.equal(wrong, 0, said);
  assert.ok(late <= cells / 1_000, `${late} late, ${said}`);
});
