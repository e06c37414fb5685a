// Goal: nothing counts as done that a check did not really pass on the commit's own files.
// Method: plan files with checks that would pass for a wrong reason; the real launcher.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { planText, sampleRepository } from '../support/sample.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const stubborn = `import { readFileSync } from 'node:fs';
if (readFileSync('src/user.ts', 'utf8').includes('loadUser')) {
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => {}, 1000);
}
`;
const repository = sampleRepository({ 'agents.toml': '', 'stubborn.mjs': stubborn });
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

type Wish = { name: string; command: string; timeoutMs?: number };

async function work(checks: Wish[]) {
  const file = join(vtcode.state, '..', 'plan.toml');
  const tables = checks.map(
    ({ name, command, timeoutMs = 60_000 }) =>
      `[[checks]]\nname = "${name}"\ncommand = "${command}"\ntimeoutMs = ${timeoutMs}\n\n`,
  );
  writeFileSync(file, planText(['one|fetchUser|loadUser|src/**'], tables.join('')));
  const called = await vtcode.call(['run', '--plan-file', file, '--yes', '--json', '-C', repository.root]);
  const { manifest } = endOf(called);
  assert.ok(manifest, called.stderr);
  const outcomes = manifest.tasks[0]?.checks.map(({ name, outcome }) => `${name} ${outcome}`);
  return { code: called.code, outcomes, reason: manifest.reason };
}

test('a check that runs out of time has failed, also when it says at its deadline that all is fine', async () => {
  const { code, outcomes } = await work([{ name: 'slow', command: 'exec node stubborn.mjs', timeoutMs: 1500 }]);
  assert.deepEqual({ code, outcomes }, { code: 1, outcomes: ['slow failed'] });
});

test('what a check changes of the files is not there for the next one; what it makes is', async () => {
  const { code, outcomes } = await work([
    { name: 'mend', command: 'sed -i s/loadUser/fetchUser/ src/user.ts && rm src/page.ts && touch made' },
    { name: 'made', command: 'test -e made' },
    { name: 'look', command: 'grep -q function.fetchUser src/user.ts || test ! -e src/page.ts' },
  ]);
  assert.deepEqual({ code, outcomes: outcomes?.at(-1) }, { code: 1, outcomes: 'look failed' });
  assert.ok(outcomes?.includes('made passed'));
});

test('a run in which a check is only no worse does not say that every check passed', async () => {
  const { code, outcomes, reason } = await work([
    { name: 'good', command: 'true' },
    { name: 'old', command: 'false' },
  ]);
  assert.deepEqual({ code, outcomes }, { code: 0, outcomes: ['good passed', 'old no_worse'] });
  assert.equal(reason, '1 task merged; checks passed, but old failed on the base already and still does.');
});

test('a check whose program is not found inside the walls is told as one that cannot run', async () => {
  const lone = await work([{ name: 'absent', command: 'no-such-runner --all' }]);
  assert.deepEqual({ code: lone.code, outcomes: lone.outcomes }, { code: 0, outcomes: ['absent cannot_run'] });
  assert.match(lone.reason, /UNVERIFIED/);
  const beside = await work([
    { name: 'good', command: 'true' },
    { name: 'absent', command: 'no-such-runner --all' },
  ]);
  assert.equal(beside.reason, '1 task merged; checks passed, but absent cannot run here.');
});

test('a setting that one check leaves in its home is not there for the next one', async () => {
  const { code, outcomes } = await work([
    { name: 'plant', command: 'echo script-shell=/bin/true > $HOME/.npmrc && mkdir -p $HOME/.cache/kept' },
    { name: 'cache', command: 'test -d $HOME/.cache/kept' },
    { name: 'look', command: 'test ! -e $HOME/.npmrc' },
  ]);
  assert.deepEqual({ code, outcomes }, { code: 0, outcomes: ['plant passed', 'cache passed', 'look passed'] });
});

test('a test run that finds none of its tests any more has failed', async () => {
  const vanishing = `console.log('# pass ' + (require('fs').readFileSync('src/user.ts', 'utf8').includes('loadUser') ? 0 : 3));`;
  repository.write({ 'count.cjs': vanishing });
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '-m', 'a runner that says how many tests passed');
  const { code, outcomes } = await work([{ name: 'count', command: 'node count.cjs' }]);
  assert.deepEqual({ code, outcomes }, { code: 1, outcomes: ['count failed'] });
});
