import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Row } from '../../orchestrator/runs/overview.ts';
import { detach, endState, eventsIn, killStarted, untilLogged } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { useModel } from '../support/scripted-run.ts';
import { testVtcode } from '../support/vtcode.ts';

/**
 * Goal: a clock that is set back by hours while runs are at work ends, starts and delays nothing, and no age is negative.
 * Method: every process of the test reads a clock that a file moves; what is waited for is what happens, not how long.
 */
const vtcode = testVtcode();
const hours = 3_600_000;
const clock = join(vtcode.state, '..', 'clock');
const setClock = (aheadMs: number) => writeFileSync(clock, String(aheadMs));
setClock(3 * hours);
Object.assign(vtcode.environment, {
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'clock.mjs')).href}`,
  CLOCK_FILE: clock,
});
const folder = temporaryFolder('clock');
let answer = () => {};
const server = await startModelServer(async () => {
  await new Promise<void>((resolve) => {
    answer = resolve;
  });
  return { answer: { text: 'Looked.' } };
});
useModel(vtcode, server);
after(async () => {
  await server.stop();
  await endState(vtcode);
});

test('a clock that is set back: ages, deadlines, restarts, waiting and the record stay sound', async () => {
  const words = ['agent', 'start', 'explorer', 'look', '--read-only', '--deadline', '1h', '-C', folder];
  const run = await detach(vtcode, words);
  await untilLogged(vtcode, run, ({ type }) => type === 'model.granted');
  assert.ok(Date.parse(eventsIn(vtcode, run)[0]!.at) - Date.now() > 2 * hours, 'its beginning lies ahead');
  setClock(0);
  const listed = await vtcode.call(['ps', '--json']);
  assert.equal((JSON.parse(listed.stdout) as { rows: Row[] }).rows[0]?.state, 'working');
  assert.match((await vtcode.call(['ps'])).stdout, / \d{1,2}s ago /);
  // Its host dies again and again; `supervise` lives on and saw the clock jump. All of its lives begin in the future or now.
  for (let death = 1; death <= 4; death += 1) {
    const asked = server.requests.length;
    setClock(death % 2 === 0 ? 2 * hours : 0);
    await killStarted(vtcode, 'host', run);
    // After the fourth the pause is longer than 3 s, and `supervise` has looked after 2 s: it jumps in the middle of it.
    if (death === 4) await sleep(2_300);
    setClock(0);
    assert.ok(await eventually(() => server.requests.length > asked, 20_000), `no host after death ${death}`);
  }
  const waiting = vtcode.call(['wait', run]);
  answer();
  const waited = await waiting;
  assert.deepEqual({ code: waited.code, out: waited.stdout }, { code: 0, out: `${run}  DONE: Looked.\n` });
  const audited = await vtcode.call(['audit', 'verify', run]);
  assert.equal(audited.code, 0, audited.stdout);
  const stopped = await detach(vtcode, words);
  await untilLogged(vtcode, stopped, ({ type }) => type === 'model.granted');
  setClock(-3 * hours);
  assert.equal((await vtcode.call(['stop', '--now', stopped])).code, 0);
});
