// Goal: a state folder that cannot be used is told apart by what is wrong with it, and nothing in it is made worse.
// Method: one finished run, whose files are then made newer, locked, damaged, edited or full; the real launcher.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import { assertRefused, endOf, runsIn } from '../support/called.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { launcher, type TestVtcode, testVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const first = vtcodeHere();
const repository = sampleRepository();
const made: TestVtcode[] = [first];
let run = '';
before(async () => {
  const called = await first.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]);
  run = endOf(called).run ?? '';
});
after(() => {
  repository.remove();
  for (const vtcode of made) rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

/** A copy of the state folder with the finished run, and the path of its log. */
function copied(): { vtcode: TestVtcode; log: string } {
  const vtcode = vtcodeHere();
  made.push(vtcode);
  cpSync(first.state, vtcode.state, { recursive: true });
  return { vtcode, log: join(vtcode.state, 'runs', run, 'log.db') };
}

test('an unknown run is answered with the one that was probably meant', async () => {
  const wrong = `${run.slice(0, -1)}${run.endsWith('2') ? '3' : '2'}`;
  for (const command of ['show', 'log', 'resume', 'apply', 'stop', 'rm', 'approve'])
    await assertRunRefused(first, [command, wrong], 'run_unknown', [new RegExp(`Did you mean ${run}\\?`)]);
  await assertRunRefused(first, ['show', 'zzz'], 'run_unknown', [/no run zzz/, /vtcode list/]);
});

/** Commands about a run say their fault on standard error; those that stream events end with it as well. */
async function assertRunRefused(vtcode: TestVtcode, args: string[], code: string, says: RegExp[]): Promise<void> {
  await assertRefused(vtcode, args, { exitCode: 2, code, says });
}

test('the start of an id is enough when it is the start of one run only', async () => {
  const called = await first.call(['show', run.slice(0, 8)]);
  assert.equal(called.code, 0, called.stderr);
  assert.match(called.stdout, new RegExp(run));
});

test('a log of a newer vtcode is refused and left byte for byte as it is', async () => {
  const { vtcode, log } = copied();
  alter(log, 'PRAGMA user_version = 99');
  const bytes = readFileSync(log);
  const says = [/written by a newer vtcode \(format 99, this one knows 1\)/, /Nothing was changed/];
  for (const command of ['show', 'resume', 'apply'])
    await assertRunRefused(vtcode, [command, run], 'state_newer', says);
  assert.deepEqual(readFileSync(log), bytes);
});

test('an event that this vtcode does not know makes it refuse the run, and list goes on without it', async () => {
  const { vtcode, log } = copied();
  alter(
    log,
    `INSERT INTO events (seq, at, type, body, hash) SELECT max(seq) + 1, max(at), 'moon.landed', '{}', 'x' FROM events`,
  );
  await assertRunRefused(vtcode, ['resume', run], 'state_newer', [/does not know event \d+ \(moon\.landed\)/]);
  const listed = await vtcode.call(['list', '--all']);
  assert.equal(listed.code, 0);
  assert.match(listed.stderr, /moon\.landed/);
});

test('a log that is no database, or overwritten in its middle, is called damaged, and rm removes it', async () => {
  for (const damage of [() => Buffer.from('not a database at all'.repeat(400)), garbled]) {
    const { vtcode, log } = copied();
    rmSync(`${log}-wal`, { force: true });
    writeFileSync(log, damage(readFileSync(log)));
    for (const command of ['show', 'resume'])
      await assertRunRefused(vtcode, [command, run], 'state_damaged', [/damaged|cannot be read/, /vtcode rm/]);
    const removed = await vtcode.call(['rm', run]);
    assert.equal(removed.code, 0, removed.stderr);
    assert.deepEqual(runsIn(vtcode), []);
  }
});

function garbled(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0x5a, 4096, copy.length);
  return copy;
}

test('a foreign database in the place of a log is not taken for one', async () => {
  const { vtcode, log } = copied();
  rmSync(log);
  alter(log, 'CREATE TABLE events (seq); PRAGMA user_version = 1');
  await assertRunRefused(vtcode, ['show', run], 'state_damaged', [/is not a vtcode database/, /Move the file away/]);
});

test('an edited event is noticed by show, which names it', async () => {
  const { vtcode, log } = copied();
  const edit = `UPDATE events SET body = replace(body, 'fetchUser', 'fetchUsers') WHERE type = 'plan.proposed'`;
  alter(log, `DROP TRIGGER events_stay; ${edit}`);
  const shown = await vtcode.call(['show', run, '--json']);
  assert.equal((JSON.parse(shown.stdout) as { logConsistent: boolean }).logConsistent, false);
  assert.match(shown.stderr, /log is not consistent from event \d+ on: it was changed from outside/);
  const honest = await first.call(['show', run, '--json']);
  assert.equal((JSON.parse(honest.stdout) as { logConsistent: boolean }).logConsistent, true);
});

test('the log keeps its events: neither a change nor a deletion gets past the database', () => {
  const { log } = copied();
  for (const sql of [`UPDATE events SET body = '{}'`, 'DELETE FROM events'])
    assert.throws(() => alter(log, sql), /events are never (changed|deleted)/);
});

test('a log that another process has locked is refused, and works once it is free', async () => {
  const { vtcode, log } = copied();
  const db = new Database(log);
  db.pragma('locking_mode = EXCLUSIVE');
  db.exec('BEGIN EXCLUSIVE');
  await assertRunRefused(vtcode, ['show', run], 'state_locked', [/locked by another process/]);
  db.close();
  assert.equal((await vtcode.call(['show', run])).code, 0);
});

test('a state folder that cannot be made is told with the way out', async () => {
  const folder = temporaryFolder('blocked');
  writeFileSync(join(folder, 'file'), '');
  const vtcode = vtcodeHere();
  made.push(vtcode);
  const untouched = fingerprint(repository);
  const args = ['run', '--plan', sampleGoal, '--yes', '-C', repository.root];
  const says = [/cannot be written/, /XDG_STATE_HOME/];
  const environment = { XDG_STATE_HOME: join(folder, 'file') };
  await assertRefused(vtcode, args, { exitCode: 2, code: 'state_unwritable', says }, { environment });
  assert.deepEqual(fingerprint(repository), untouched);
  rmSync(folder, { recursive: true });
});

test('a full disk stops the run with what to do, and leaves the repository as it was', async (t) => {
  const folder = temporaryFolder('full');
  t.after(() => {
    spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0)
    return t.skip('mounting is not allowed here');
  const untouched = fingerprint(repository);
  // A process: the files that it has open on the disk are closed when it ends, and the disk can be taken away.
  const vtcode = testVtcode();
  made.push(vtcode);
  const args = ['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root];
  const called = await vtcode.call(args, { environment: { XDG_STATE_HOME: folder } });
  const { error } = endOf(called);
  assert.deepEqual({ code: called.code, fault: error?.code }, { code: 2, fault: 'state_unwritable' }, called.stderr);
  assert.match(called.stderr, /[Ff]ree (disk )?space|free space/);
  assert.deepEqual(fingerprint(repository), untouched);
});

test('two hosts for one run: the second is refused and told how to watch or stop the first', async () => {
  const { vtcode } = copied();
  mkdirSync(join(vtcode.state, 'runs', run), { recursive: true });
  const db = new Database(join(vtcode.state, 'runs', run, 'lease.db'));
  db.exec('BEGIN EXCLUSIVE');
  const says = [/being worked on by another vtcode process/, /vtcode log/, /vtcode stop/];
  for (const command of [
    ['apply', run],
    ['undo', run, 'rewrite'],
    ['rm', run],
  ])
    await assertRunRefused(vtcode, command, 'run_owned', says);
  db.close();
});

function alter(log: string, sql: string): void {
  const db = new Database(log);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

test('doctor tells a state folder that cannot be written, with exit 2', async () => {
  const { vtcode } = copied();
  const well = await vtcode.call(['doctor']);
  assert.equal(well.code, 0, well.stdout);
  const blocked = await vtcode.call(['doctor'], { environment: { XDG_STATE_HOME: launcher } });
  assert.equal(blocked.code, 2);
  assert.match(blocked.stdout, /BAD {2}state/);
});
