// Goal: the exit code says what became of a run, and never 0 with work pending.
// Method: runs that end in each way, on the real launcher; manifest, exit code and branch are compared.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Manifest } from '../../ipc/manifest.ts';
import { takeLease } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import { endOf } from '../support/called.ts';
import { eventually } from '../support/processes.ts';
import { planText, renameGoal, sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository({ 'src/more.ts': 'export function more(): number {\n  return 1;\n}\n' });
const untouched = fingerprint(repository);
const work = ['--json', '-C', repository.root];
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

function outcomeOf(manifest: Manifest | null) {
  const tasks = manifest?.tasks.map(({ id, state }) => `${id} ${state}`);
  return { state: manifest?.state, outcome: manifest?.outcome, exitCode: manifest?.exitCode, tasks };
}

test('0: every task is merged and every check passed', async () => {
  const called = await vtcode.call(['run', '--plan', renameGoal, '--yes', ...work]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(outcomeOf(manifest), {
    state: 'finished',
    outcome: 'done',
    exitCode: 0,
    tasks: ['rename merged'],
  });
  assert.equal(manifest?.verified, true);
  assert.equal(repository.git('rev-list', '--count', `main..${manifest?.branch}`), '1');
  const message = repository.git('log', '-1', '--format=%B', manifest?.branch ?? '');
  assert.match(message, new RegExp(`Vtcode-Run: ${manifest?.run}\nVtcode-Task: rename\n`));
  assert.deepEqual(fingerprint(repository), untouched);
});

test('1: a red check parks its task and what waits for it, and the rest is merged', async () => {
  // The scope of `one` leaves out page.ts, so that its rename breaks the check.
  const file = join(vtcode.state, '..', 'red.toml');
  const plan = planText([
    'one|fetchUser|loadUser|src/user.ts',
    'two|dropUser|removeUser|src/user.ts|one',
    'three|more|evenMore|src/more.ts',
  ]);
  writeFileSync(file, plan.replace('prompt = "Replace `fetchUser` by `loadUser`."', redPrompt));
  const called = await vtcode.call(['run', '--plan-file', file, '--yes', ...work]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 1, called.stderr);
  assert.deepEqual(outcomeOf(manifest), {
    state: 'finished',
    outcome: 'incomplete',
    exitCode: 1,
    tasks: ['one parked', 'two parked', 'three merged'],
  });
  const [one, two] = manifest?.tasks ?? [];
  assert.match(one?.reason ?? '', /Check "unit" failed .sh check\.sh: exit 1/);
  assert.match(two?.reason ?? '', /depends on one, which is parked/);
  assert.equal(repository.git('diff', '--name-only', 'main', manifest?.branch ?? ''), 'src/more.ts');
  assert.ok(one?.wip, 'the unfinished work is kept');
  const parked = await vtcode.call(['result', `${manifest?.run}/one`]);
  assert.deepEqual([parked.code, /^parked: .*nothing of it is in the result/s.test(parked.stdout)], [1, true]);
  assert.equal((await vtcode.call(['result', `${manifest?.run}/three`])).code, 0);
  assert.deepEqual(fingerprint(repository), untouched);
});

/** Renames only the declaration: the check then misses the name that page.ts imports. */
const redPrompt = 'prompt = "Replace `function fetchUser(): string { $$$B }` by `function gone(): string { $$$B }`."';

test('3: with nobody to ask the plan waits; approve finishes it later', async () => {
  const waiting = await vtcode.call(['run', '--plan', sampleGoal, '--no-checks', ...work]);
  const { run, manifest } = endOf(waiting);
  assert.equal(waiting.code, 3, waiting.stderr);
  assert.deepEqual(outcomeOf(manifest), {
    state: 'waiting',
    outcome: null,
    exitCode: null,
    tasks: ['rewrite waiting'],
  });
  assert.equal(repository.git('branch', '--list', manifest?.branch ?? ''), '');
  const listed = await vtcode.call(['approvals']);
  assert.match(listed.stdout, new RegExp(`${run}: a plan of 1 task waits: .*\\n.*vtcode approve ${run} accepts it`));
  const again = await vtcode.call(['resume', run ?? '', '--json']);
  assert.equal(again.code, 3, 'a resume without an answer waits on');
  const approved = await vtcode.call(['approve', run ?? '', '--json']);
  assert.equal(approved.code, 0, approved.stderr);
  assert.equal(endOf(approved).manifest?.outcome, 'done');
  const twice = await vtcode.call(['approve', run ?? '', '--json']);
  assert.deepEqual({ code: twice.code, fault: endOf(twice).error?.code }, { code: 2, fault: 'usage' });
});

test('an approve that a host throws away at its start is repeated until it counts', async () => {
  const { run } = endOf(await vtcode.call(['run', '--plan', sampleGoal, '--no-checks', ...work]));
  assert.ok(run);
  const paths = runPaths(vtcode.state, run);
  // This process stands for a host that holds the lease, drops older commands as every host does, and then dies.
  const lease = takeLease(paths.lease);
  assert.ok(lease);
  const log = openRunLog(paths.log, run);
  const approved = vtcode.call(['approve', run, '--json']);
  const dropped = await eventually(() => log.takeCommands().some(({ command }) => command === 'approve'), 30_000);
  log.close();
  lease.release();
  assert.ok(dropped, 'the command reached the host');
  const { code, stderr, ...said } = await approved;
  assert.equal(code, 0, stderr);
  assert.equal(endOf({ code, stderr, ...said }).manifest?.outcome, 'done', 'the plan was accepted and worked on');
});

test('3, then resume --yes accepts the plan and finishes it', async () => {
  const { run } = endOf(await vtcode.call(['run', '--plan', sampleGoal, '--no-checks', ...work]));
  const resumed = await vtcode.call(['resume', run ?? '', '--yes', '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  const { manifest } = endOf(resumed);
  assert.equal(manifest?.outcome, 'done');
  const again = await vtcode.call(['resume', run ?? '', '--json']);
  assert.deepEqual(
    { code: again.code, events: endOf(again).manifest?.events, tip: endOf(again).manifest?.tip },
    { code: 0, events: manifest?.events, tip: manifest?.tip },
    'a finished run only says so',
  );
});

test('3, then approve --decline ends the run without a branch, and it cannot be approved any more', async () => {
  const { run } = endOf(await vtcode.call(['run', '--plan', sampleGoal, '--no-checks', ...work]));
  const declined = await vtcode.call(['approve', run ?? '', '--decline', '--json']);
  const { manifest } = endOf(declined);
  assert.equal(declined.code, 0, declined.stderr);
  assert.deepEqual(
    { state: manifest?.state, outcome: manifest?.outcome, tip: manifest?.tip },
    { state: 'finished', outcome: 'declined', tip: null },
  );
  assert.equal(repository.git('branch', '--list', manifest?.branch ?? ''), '');
  assert.equal((await vtcode.call(['approve', run ?? ''])).code, 2);
  assert.equal((await vtcode.call(['resume', run ?? ''])).code, 1);
});

test('4: a run that used up its model calls stops, and goes on once the limit is raised', async () => {
  const file = join(vtcode.environment.XDG_CONFIG_HOME ?? '', 'vtcode', 'agents.toml');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '[limits]\ncalls = 2\n');
  const stopped = await vtcode.call(['run', '--plan', sampleGoal, '--yes', ...work]);
  const { run, manifest } = endOf(stopped);
  assert.equal(stopped.code, 4, stopped.stderr);
  assert.match(manifest?.reason ?? '', /used its 2 model calls \(limits\.calls\)/);
  assert.equal(manifest?.state, 'interrupted');
  const still = await vtcode.call(['resume', run ?? '', '--json']);
  assert.equal(still.code, 4, 'the limit still holds');
  assert.equal(endOf(still).manifest?.usage.calls, 2, 'no call beyond the limit');
  writeFileSync(file, '[limits]\ncalls = 50\n');
  const resumed = await vtcode.call(['resume', run ?? '', '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(endOf(resumed).manifest?.outcome, 'done');
  rmSync(file);
});

test('without a check that passes, and with --no-checks, the result is UNVERIFIED and says so', async () => {
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '--no-checks', ...work]);
  const { manifest } = endOf(called);
  assert.deepEqual(
    { code: called.code, verified: manifest?.verified, checks: manifest?.checks },
    { code: 0, verified: false, checks: [] },
  );
  assert.match(manifest?.reason ?? '', /UNVERIFIED/);
});

test('a check that fails on the base already is no worse afterwards, and verifies nothing', async () => {
  const red = sampleRepository({ 'check.sh': "echo 'not ok 1 always'\nexit 1\n" });
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', red.root]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(
    { verified: manifest?.verified, outcomes: manifest?.tasks[0]?.checks.map((check) => check.outcome) },
    { verified: false, outcomes: ['no_worse'] },
  );
  red.remove();
});
