// Goal: list, show, log, stop, rm and gc read and tend the runs of a machine, also while a host is at work.
// Method: one waiting, one finished and one busy run in a state folder; several real processes at once.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endOf, runsIn } from '../support/called.ts';
import { planText, sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { watch } from '../support/watched.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository();
const slow = sampleRepository({ 'check.sh': 'exec sleep 60\n' });
let finished = '';
let waiting = '';
before(async () => {
  const call = async (more: string[]) =>
    endOf(await vtcode.call(['run', '--plan', sampleGoal, '--json', ...more, '-C', repository.root])).run ?? '';
  finished = await call(['--yes']);
  waiting = await call([]);
});
after(() => {
  for (const one of [repository, slow]) one.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

test('list shows the runs of this repository, newest first, and those of all with --all', async () => {
  const listed = await vtcode.call(['list', '-C', repository.root]);
  const lines = listed.stdout.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(/\s{2,}/).filter((_, at) => at !== 1)),
    [
      [waiting, 'waiting for you', '0/1', sampleGoal],
      [finished, 'done', '1/1', sampleGoal],
    ],
  );
  const elsewhere = await vtcode.call(['list', '-C', slow.root]);
  assert.match(elsewhere.stdout, /No runs yet/);
  const all = await vtcode.call(['list', '--all', '--json', '-C', slow.root]);
  assert.equal((JSON.parse(all.stdout) as { runs: unknown[] }).runs.length, 2);
});

test('show tells the plan and what became of it', async () => {
  const shown = await vtcode.call(['show', finished]);
  for (const words of [
    /3 sites to change in 2 files/,
    /unit: sh check\.sh +passes/,
    /✓ rewrite/,
    /take: +vtcode apply/,
  ])
    assert.match(shown.stdout, words);
  const still = await vtcode.call(['show', waiting]);
  assert.match(still.stdout, /vtcode approve/);
});

test('log shows the events as lines, and as the very events with --json', async () => {
  const lines = (await vtcode.call(['log', finished])).stdout;
  for (const words of [/run run_\w+: replace `fetchUser`/, /plan accepted by --yes/, /rewrite: merged as [0-9a-f]{10}/])
    assert.match(lines, words);
  const types = jsonLines((await vtcode.call(['log', finished, '--json'])).stdout).map(({ type }) => type);
  assert.deepEqual([types.at(0), types.at(-2), types.at(-1)], ['run.created', 'run.finished', 'cli.ended']);
});

test('a busy run is followed, kept from a second host, and stopped from another process', async () => {
  const busy = watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', slow.root]);
  await busy.until((event) => event.type === 'check.started');
  const run = String(busy.lines[0]?.run);
  const follower = watch(vtcode, ['log', run, '-f']);
  await follower.until((event) => event.type === 'host.started');
  for (const command of [
    ['resume', run],
    ['rm', run],
    ['apply', run],
  ]) {
    const refused = await vtcode.call([...command]);
    assert.deepEqual({ command, code: refused.code }, { command, code: 2 });
    assert.match(refused.stderr, /being worked on by another vtcode process/);
  }
  assert.equal(
    (JSON.parse((await vtcode.call(['show', run, '--json'])).stdout) as { state: string }).state,
    'planning',
  );
  const stopped = await vtcode.call(['stop', run]);
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.match(stopped.stdout, new RegExp(`Stopped ${run}. Go on with: vtcode resume ${run}`));
  const host = await busy.ended;
  assert.deepEqual(
    { code: host.code, state: host.end?.state, reason: host.end?.manifest?.reason },
    { code: 130, state: 'interrupted', reason: 'stopped by vtcode stop' },
  );
  const followed = await follower.ended;
  assert.deepEqual({ code: followed.code, state: followed.end?.state }, { code: 0, state: 'interrupted' });
  assert.ok(follower.lines.some(({ type }) => type === 'host.stopped'));
  const again = await vtcode.call(['stop', run]);
  assert.deepEqual(
    { code: again.code, out: again.stdout },
    { code: 0, out: `No host works on ${run}: it is stopped.\n` },
  );
  assert.equal((await vtcode.call(['rm', run])).code, 0);
});

test('rm removes a run and its refs, keeps its branch and the user’s things', async () => {
  const before = fingerprint(repository);
  const removed = await vtcode.call(['rm', finished]);
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(removed.stdout, new RegExp(`Removed ${finished}. vtcode/${finished} stays in your repository`));
  assert.equal(runsIn(vtcode).includes(finished), false);
  assert.equal(repository.git('for-each-ref', `refs/vtcode/${finished}`), '');
  assert.match(repository.git('branch', '--list', `vtcode/${finished}`), /vtcode/);
  assert.deepEqual(fingerprint(repository), before);
  assert.equal((await vtcode.call(['show', finished])).code, 2);
});

test('parked work is a branch; rm refuses work that is nowhere else, save with --force', async () => {
  const file = join(vtcode.state, '..', 'plan.toml');
  const prompt = 'prompt = "Replace `fetchUser(): string { $$$B }` by `gone(): string { $$$B }`."';
  const broken = {
    ...sampleFiles,
    'check.sh': "grep -q 'function fetchUser' src/user.ts\n",
  };
  const red = sampleRepository(broken);
  writeFileSync(
    file,
    planText(['one|fetchUser|gone|src/*']).replace(
      /prompt = .*/,
      prompt.replace('`fetchUser', '`function fetchUser').replace('`gone', '`function gone'),
    ),
  );
  const called = await vtcode.call(['run', '--plan-file', file, '--yes', '--json', '-C', red.root]);
  const { run, manifest } = endOf(called);
  assert.equal(called.code, 1, called.stderr);
  assert.ok(manifest?.tasks[0]?.wip);
  const branch = `vtcode/${run}-parked/one`;
  assert.equal(red.git('rev-parse', branch), manifest.tasks[0].wip);
  assert.match(red.git('show', `${branch}:src/user.ts`), /function gone/);
  assert.match((await vtcode.call(['show', run ?? ''])).stdout, new RegExp(`parked: one left its work on ${branch}`));
  red.git('branch', '--quiet', '-D', branch);
  const refused = await vtcode.call(['rm', run ?? '']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /holds unfinished work of one, kept nowhere else[\s\S]*vtcode rm --force/);
  assert.ok(runsIn(vtcode).includes(run ?? ''));
  assert.equal((await vtcode.call(['rm', '--force', run ?? ''])).code, 0);
  assert.equal(runsIn(vtcode).includes(run ?? ''), false);
  red.remove();
});

test('gc removes private repositories that no run uses, and leaves runs that can go on alone', async () => {
  const repositories = join(vtcode.state, 'repositories');
  const before = readdirSync(repositories).length;
  const swept = await vtcode.call(['gc', '--json']);
  assert.equal(swept.code, 0, swept.stderr);
  const done = JSON.parse(swept.stdout) as { trees: number; repositories: number; processes: number };
  assert.deepEqual({ removed: done.repositories, processes: done.processes }, { removed: before - 1, processes: 0 });
  assert.ok(existsSync(join(vtcode.state, 'runs', waiting, 'log.db')));
  const approved = await vtcode.call(['approve', waiting, '--json']);
  assert.equal(approved.code, 0, approved.stderr);
});

test('a folder that is not there is refused by every command', async () => {
  for (const command of ['list', 'gc', 'doctor', 'run']) {
    const called = await vtcode.call([command, '-C', '/nowhere']);
    assert.equal(called.code, 2);
    assert.match(called.stderr, /\/nowhere is not a folder/);
  }
});

test('the only run there is is not meant by nothing, or by the beginning that all ids share', async () => {
  const lonely = vtcodeHere();
  await lonely.call(['run', '--plan', sampleGoal, '--dry-run', '--no-checks', '-C', repository.root]);
  const before = runsIn(lonely);
  assert.equal(before.length, 1);
  for (const nothing of ['', 'run_', 'run']) {
    const called = await lonely.call(['rm', nothing]);
    assert.equal(called.code, 2, called.stdout);
    assert.match(called.stderr, /There is no run/);
  }
  assert.deepEqual(runsIn(lonely), before);
  rmSync(join(lonely.state, '..'), { recursive: true, force: true });
});
