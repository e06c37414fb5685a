// Goal: the log is append-only, has one writer, and tells when somebody changed it.
// Method: real SQLite files in a temporary folder.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import { type EventBody, eventVersion } from '../../ipc/events.ts';
import { chain, checkChain } from '../../state/audit-chain.ts';
import { createRunLog, openRunLog, type RunLog } from '../../state/run-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'vtcode-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = 'run_abcdefghjkmn';
const options = { at: '2026-01-01T00:00:00.000Z', durable: true };
const said = (reason: string): EventBody => ({ type: 'host.stopped', reason, exitCode: 130 });
const brokenIn = (log: RunLog) => checkChain(log.rows(), []).broken?.seq ?? null;
let files = 0;
const newPath = () => join(folder, `${++files}.db`);

test('events come back as they were written, numbered without gaps, over several openings', () => {
  const path = newPath();
  const log = createRunLog(path, run);
  log.own();
  const written = log.append([said('a'), said('b')], options);
  log.close();
  const again = openRunLog(path, run);
  again.own();
  written.push(...again.append([said('c')], { ...options, durable: false }));
  assert.deepEqual(
    written.map(({ seq, at, run: of, v }) => ({ seq, at, of, v })),
    [1, 2, 3].map((seq) => ({ seq, at: options.at, of: run, v: eventVersion })),
  );
  assert.deepEqual(again.read(), written);
  assert.deepEqual(again.read(2), written.slice(2));
  assert.equal(brokenIn(again), null);
  again.close();
});

test('a host that was taken over can write nothing more', () => {
  const path = newPath();
  const old = createRunLog(path, run);
  assert.throws(() => old.append([said('x')], options), { code: 'run_owned' });
  assert.equal(old.own(), 1);
  old.append([said('mine')], options);
  const next = openRunLog(path, run);
  assert.equal(next.own(), 2);
  assert.throws(() => old.append([said('late')], options), { code: 'run_owned' });
  next.append([said('yours')], options);
  assert.equal(next.read().length, 2);
  for (const log of [old, next]) log.close();
});

test('a changed, a removed and an inserted event are each found at their number', () => {
  const meddle: [sql: string, broken: number][] = [
    [`UPDATE events SET body = '{"reason":"z"}' WHERE seq = 2`, 2],
    ['DELETE FROM events WHERE seq = 2', 2],
    [`UPDATE events SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 3`, 3],
    [`INSERT INTO events (seq, at, type, body, hash) VALUES (4, 'x', 'host.stopped', '{"reason":"n"}', 'h')`, 4],
  ];
  for (const [sql, broken] of meddle) {
    const path = newPath();
    const log = createRunLog(path, run);
    log.own();
    log.append([said('a'), said('b'), said('c')], options);
    const db = new Database(path);
    db.exec(`DROP TRIGGER events_stay; DROP TRIGGER events_remain; ${sql}`);
    db.close();
    assert.equal(brokenIn(log), broken, sql);
    log.close();
  }
});

test('what others say is taken once, oldest first', () => {
  const path = newPath();
  const log = createRunLog(path, run);
  const other = openRunLog(path, run);
  other.say('approve', '', 'me', options.at);
  other.say('stop', '', 'you', options.at);
  assert.deepEqual(
    log.takeCommands().map(({ command, by }) => ({ command, by })),
    [
      { command: 'approve', by: 'me' },
      { command: 'stop', by: 'you' },
    ],
  );
  assert.deepEqual(log.takeCommands(), []);
  for (const one of [log, other]) one.close();
});

test('a log that is not there is not made by opening it', () => {
  assert.throws(() => openRunLog(join(folder, 'none.db'), run), { code: 'state_unwritable' });
});

test('a log that is just being made is said to hold nothing yet, and not to be damaged', () => {
  const path = newPath();
  writeFileSync(path, '');
  assert.throws(() => openRunLog(path, run, { readonly: true }), { code: 'run_unknown' });
  // As it lies there between its first page and its tables.
  const maker = new Database(path);
  maker.pragma('journal_mode = WAL');
  assert.throws(() => openRunLog(path, run, { readonly: true }), { code: 'run_unknown' });
  maker.exec('CREATE TABLE foreign_one (a)');
  assert.throws(() => openRunLog(path, run, { readonly: true }), { code: 'state_damaged' });
  maker.close();
});

/** Writes a record as another version of vtcode would have, with a right hash. */
function writeRaw(path: string, type: string, body: Record<string, unknown>) {
  const log = openRunLog(path, run);
  const { seq, hash } = log.newest();
  log.close();
  const text = JSON.stringify(body);
  const next = { seq: seq + 1, at: options.at, type, body: text };
  const db = new Database(path);
  db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, NULL)').run(seq + 1, options.at, type, text, chain(hash, next));
  db.close();
}

test('an event of the first version is read as one of today, and keeps the version it was written in', () => {
  const path = newPath();
  createRunLog(path, run).close();
  writeRaw(path, 'host.stopped', { reason: 'before exit codes' });
  writeRaw(path, 'host.stopped', { reason: 'with one', exitCode: 4 });
  const log = openRunLog(path, run);
  assert.deepEqual(
    log.read().map((event) => [event.v, event.type === 'host.stopped' && event.exitCode]),
    [
      [1, 130],
      [1, 4],
    ],
  );
  assert.equal(brokenIn(log), null, 'what was written is not changed');
  log.own();
  log.append([said('today')], options);
  assert.deepEqual(
    log.read().map(({ v }) => v),
    [1, 1, eventVersion],
  );
  log.close();
});

for (const version of [eventVersion + 1, 0, 1.5, 'two', null])
  test(`an event of version ${JSON.stringify(version)} is refused, and nothing is changed`, () => {
    const path = newPath();
    createRunLog(path, run).close();
    writeRaw(path, 'host.stopped', { v: version, reason: 'from elsewhere', exitCode: 0 });
    const log = openRunLog(path, run);
    assert.throws(() => log.read(), { code: 'state_newer' });
    assert.equal(log.newest().seq, 1);
    log.close();
  });
