// Goal: a host that died in the middle of an effect leaves a run that goes on: done once, or said who was in between.
// Method: hosts are killed by SIGKILL, or the log of a finished run is cut after an intent; then the world is put into
// each state that the intent may have left, and the run is resumed.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Manifest } from '../../ipc/manifest.ts';
import { endOf } from '../support/called.ts';
import { commandOf, eventually, membersOf } from '../support/processes.ts';
import { planText, sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { jsonLines, type TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { watch } from '../support/watched.ts';

const made: TestVtcode[] = [];
const repository = sampleRepository();
const untouched = fingerprint(repository);
let first: TestVtcode;
let finished: Manifest;
before(async () => {
  first = newVtcode();
  const called = await first.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]);
  finished = endOf(called).manifest as Manifest;
  assert.equal(called.code, 0, called.stderr);
});
after(() => {
  repository.remove();
  for (const vtcode of made) rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

function newVtcode(): TestVtcode {
  const vtcode = vtcodeHere();
  made.push(vtcode);
  return vtcode;
}

/** The finished run as it would be, had its host died right after its last event of that type. */
function diedAfter(type: string): TestVtcode {
  const vtcode = newVtcode();
  cpSync(first.state, vtcode.state, { recursive: true });
  cutAfter(vtcode, finished.run, type);
  return vtcode;
}

function cutAfter(vtcode: TestVtcode, run: string, type: string): void {
  const db = new Database(join(vtcode.state, 'runs', run, 'log.db'));
  db.exec('DROP TRIGGER events_remain');
  db.prepare('DELETE FROM events WHERE seq > (SELECT max(seq) FROM events WHERE type = ?)').run(type);
  db.close();
}

const branch = () => `refs/heads/${finished.branch}`;
const resume = (vtcode: TestVtcode) => vtcode.call(['resume', finished.run, '--json']);

async function assertDoneOnce(vtcode: TestVtcode): Promise<void> {
  const called = await resume(vtcode);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(
    { outcome: manifest?.outcome, tip: manifest?.tip, branch: repository.git('rev-parse', branch()) },
    { outcome: 'done', tip: finished.tip, branch: finished.tip },
  );
  const merges = jsonLines(called.stdout).filter(({ type }) => type === 'merge.finished');
  assert.equal(merges.length, 1);
  assert.deepEqual(fingerprint(repository), untouched);
}

test('killed after the branch was moved: the move is noticed, not repeated', async () => {
  await assertDoneOnce(diedAfter('merge.started'));
});

test('killed before the branch was moved: it is moved to the very commit that was checked', async () => {
  const vtcode = diedAfter('merge.started');
  repository.git('update-ref', '-d', branch());
  await assertDoneOnce(vtcode);
});

test('killed between the check and the merge: the checked commit is merged', async () => {
  const vtcode = diedAfter('task.checked');
  repository.git('update-ref', '-d', branch());
  await assertDoneOnce(vtcode);
});

test('killed after the merge: the run is only finished', async () => {
  await assertDoneOnce(diedAfter('merge.finished'));
});

test('killed while somebody else moved the branch: the run stops, says where it is, and overwrites nothing', async () => {
  const vtcode = diedAfter('merge.started');
  const foreign = finished.base ?? '';
  repository.git('update-ref', branch(), foreign);
  const called = await resume(vtcode);
  const { error, state } = endOf(called);
  assert.deepEqual(
    { code: called.code, fault: error?.code, state },
    { code: 1, fault: 'ref_moved', state: 'interrupted' },
  );
  assert.match(called.stderr, new RegExp(`${branch()} is at ${foreign}, not at no commit where vtcode left it`));
  assert.match(called.stderr, /Somebody else moved it/);
  assert.equal(repository.git('rev-parse', branch()), foreign);
  repository.git('update-ref', '-d', branch());
  await assertDoneOnce(vtcode);
});

test('a branch that git cannot move stops the run in the words of git', async () => {
  const vtcode = diedAfter('merge.started');
  repository.git('update-ref', '-d', branch());
  // As a git would hold it that works on and on.
  const lock = lockBranch(new Date(Date.now() + 3_600_000));
  const called = await resume(vtcode);
  assert.deepEqual({ code: called.code, fault: endOf(called).error?.code }, { code: 1, fault: 'git_failed' });
  assert.match(called.stderr, /cannot be moved: .*\.lock/);
  rmSync(lock);
  await assertDoneOnce(vtcode);
});

test('killed together with the git that was moving the branch a moment ago: its lock is waited for, then taken away', async () => {
  const vtcode = diedAfter('merge.started');
  repository.git('update-ref', '-d', branch());
  const lock = lockBranch(new Date());
  await assertDoneOnce(vtcode);
  assert.equal(existsSync(lock), false);
});

/** The lock that a git puts on the run's branch while it moves it. */
function lockBranch(at: Date): string {
  const lock = join(repository.root, '.git', `${branch()}.lock`);
  mkdirSync(join(lock, '..'), { recursive: true });
  writeFileSync(lock, '');
  utimesSync(lock, at, at);
  return lock;
}

test('a host that died after it took the uncommitted state goes on from that state, whatever the files are now', async () => {
  const dirty = sampleRepository();
  dirty.write({ 'README.md': 'dirty\n' });
  const vtcode = newVtcode();
  const args = ['run', '--plan', sampleGoal, '--yes', '--include-dirty', '--json', '-C', dirty.root];
  const { manifest } = endOf(await vtcode.call(args));
  const run = manifest?.run ?? '';
  cutAfter(vtcode, run, 'host.started');
  dirty.git('update-ref', '-d', `refs/heads/vtcode/${run}`);
  dirty.write({ 'README.md': 'dirtier\n' });
  const called = await vtcode.call(['resume', run, '--json']);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(endOf(called).manifest?.base, manifest?.base);
  dirty.remove();
});

test('a run that waits for approval waits on after its host was killed', async () => {
  const vtcode = newVtcode();
  const run = watch(vtcode, ['run', '--plan', sampleGoal, '-C', repository.root]);
  await run.until(({ type }) => type === 'plan.proposed');
  run.child.kill('SIGKILL');
  await run.ended;
  const id = String(run.lines[0]?.run);
  const shown = JSON.parse((await vtcode.call(['show', id, '--json'])).stdout) as Manifest;
  assert.equal(shown.state, 'waiting');
  assert.equal((await vtcode.call(['resume', id])).code, 3);
  const approved = await vtcode.call(['approve', id, '--json']);
  assert.equal(approved.code, 0, approved.stderr);
});

/** Kills a host as soon as its log holds the intent of the edits; then half of them are there and half are not. */
async function killedWhileWriting(vtcode: TestVtcode): Promise<{ run: string; tree: string }> {
  const host = watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', repository.root]);
  await host.until(({ type }) => type === 'tool.started');
  host.child.kill('SIGKILL');
  await host.ended;
  const run = String(host.lines[0]?.run);
  const db = new Database(join(vtcode.state, 'runs', run, 'log.db'));
  db.exec('DROP TRIGGER events_remain');
  db.exec(`DELETE FROM events WHERE seq > (SELECT max(seq) FROM events WHERE type = 'tool.started')`);
  db.close();
  const tree = join(vtcode.state, 'runs', run, 'trees', `${run}-t1`);
  assert.ok(existsSync(tree), 'the work tree is there');
  writeFileSync(
    join(tree, 'src/user.ts'),
    String(sampleFiles['src/user.ts']).replace('function fetchUser', 'function loadUser'),
  );
  writeFileSync(join(tree, 'src/page.ts'), String(sampleFiles['src/page.ts']));
  return { run, tree };
}

test('killed with half of the files written: the rest is written, and the result is the same tree', async () => {
  const vtcode = newVtcode();
  const { run } = await killedWhileWriting(vtcode);
  const called = await vtcode.call(['resume', run, '--json']);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  const tree = (of: string) => repository.git('rev-parse', `${of}^{tree}`);
  assert.equal(tree(manifest?.branch ?? ''), tree(finished.tip ?? ''));
  const started = jsonLines(called.stdout).filter(({ type, agent }) => type === 'tool.started' && agent !== 'planner');
  assert.equal(started.length, 1, 'the edit was not asked for twice');
});

test('killed while writing, and a file then changed by somebody else: their change is never overwritten', async () => {
  const vtcode = newVtcode();
  const { run, tree } = await killedWhileWriting(vtcode);
  writeFileSync(join(tree, 'src/page.ts'), 'export const page = 1; // mine\n');
  const called = await vtcode.call(['resume', run, '--json']);
  const told = jsonLines(called.stdout).find(({ type, agent }) => type === 'tool.finished' && agent !== 'planner');
  assert.match(JSON.stringify(told?.result), /Not everything was written[\s\S]*src\/page\.ts/);
  const { manifest } = endOf(called);
  const kept = manifest?.tip ?? manifest?.tasks[0]?.wip ?? '';
  const [own = ''] = readdirSync(join(vtcode.state, 'repositories'));
  const text = repository.git('--git-dir', join(vtcode.state, 'repositories', own), 'show', `${kept}:src/page.ts`);
  assert.equal(text, 'export const page = 1; // mine');
  assert.deepEqual(fingerprint(repository), untouched);
});

test('a branch moved between two tasks stops the run at the second, and nothing is overwritten', async () => {
  const vtcode = newVtcode();
  const file = join(vtcode.state, '..', 'plan.toml');
  const lines = ['one|fetchUser|loadUser|src/{user,page}.ts', 'two|loadUser|readUser|src/{user,page}.ts|one'];
  writeFileSync(file, planText(lines));
  const host = watch(vtcode, ['run', '--plan-file', file, '--yes', '-C', repository.root]);
  await host.until(({ type, agent }) => type === 'agent.started' && agent === 'two');
  host.child.kill('SIGKILL');
  await host.ended;
  const run = String(host.lines[0]?.run);
  const tip = repository.git('rev-parse', `vtcode/${run}`);
  repository.git('update-ref', `refs/heads/vtcode/${run}`, 'main');
  const called = await vtcode.call(['resume', run, '--json']);
  assert.deepEqual({ code: called.code, fault: endOf(called).error?.code }, { code: 1, fault: 'ref_moved' });
  assert.equal(repository.git('rev-parse', `vtcode/${run}`), repository.git('rev-parse', 'main'));
  repository.git('update-ref', `refs/heads/vtcode/${run}`, tip);
  const mended = await vtcode.call(['resume', run, '--json']);
  assert.equal(mended.code, 0, mended.stderr);
  assert.equal(repository.git('rev-list', '--count', `main..vtcode/${run}`), '2');
});

test('hands that are killed under a check are replaced, and the check is begun once more', async () => {
  const slow = sampleRepository({ 'check.sh': 'sleep 1.5\n' });
  const vtcode = newVtcode();
  const host = watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', slow.root]);
  const started = await host.until(({ type }) => type === 'host.started');
  await host.until((event) => event.type === 'check.started' && event.subject === 'rewrite');
  const isChecking = () => membersOf(String(started.family)).some(({ pid }) => commandOf(pid) === 'sh check.sh');
  assert.ok(await eventually(isChecking, 20_000));
  const hands = membersOf(String(started.family)).filter(({ pid }) => /dist\/hands\.js/.test(commandOf(pid)));
  assert.ok(hands.length > 0);
  for (const { pid } of hands) process.kill(pid, 'SIGKILL');
  const { code } = await host.ended;
  assert.equal(code, 0);
  slow.remove();
});

test('set-up whose hands are killed, or a command of it, is begun once more', async () => {
  const nap = `1.${process.pid}`;
  const setup = `${sampleFiles['agents.toml']}\n[setup]\ncommands = ["sleep ${nap}", "echo made >> made.txt"]\n`;
  const check = 'test "$(cat made.txt)" = made\n';
  const slow = sampleRepository({ 'agents.toml': setup, 'check.sh': check });
  const vtcode = newVtcode();
  await vtcode.call(['trust', '--yes', '-C', slow.root]);
  const host = watch(vtcode, ['run', '--plan', sampleGoal, '--yes', '-C', slow.root]);
  const started = await host.until(({ type }) => type === 'host.started');
  for (const victim of [/dist\/hands\.js/, /^sleep/]) {
    const members = () => membersOf(String(started.family)).map(({ pid }) => ({ pid, command: commandOf(pid) }));
    assert.ok(await eventually(() => members().some(({ command }) => command === `sleep ${nap}`), 20_000));
    for (const { pid, command } of members()) if (victim.test(command)) process.kill(pid, 'SIGKILL');
    assert.ok(await eventually(() => members().every(({ command }) => command !== `sleep ${nap}`), 20_000));
  }
  const { code } = await host.ended;
  assert.equal(code, 0);
  slow.remove();
});
