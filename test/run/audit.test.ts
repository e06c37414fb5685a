import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import type { AuditRow } from '../../orchestrator/operations/audit.ts';
import { chain } from '../../state/audit-chain.ts';
import { runPaths } from '../../state/paths.ts';
import { assertRefused, endOf, eventsOf } from '../support/called.ts';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { messagesOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: somebody who trusts nobody can see whether a run's log is whole, and what was done by whose leave. Method: a real
 * run whose log is then changed as its owner could change it: with SQLite, triggers dropped, hashes made anew.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
after(() => server.stop());

async function planRun() {
  const repository = sampleRepository();
  after(() => repository.remove());
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr);
  return { run: endOf(called).run ?? '', repository };
}

function meddle(run: string, act: (db: Database.Database) => void): void {
  const db = new Database(runPaths(vtcode.state, run).log);
  db.exec('DROP TRIGGER events_stay; DROP TRIGGER events_remain');
  act(db);
  db.close();
}

test('a finished run is vouched for by its manifest and its commits', async () => {
  const { run, repository } = await planRun();
  const found = await vtcode.call(['audit', 'verify', run]);
  assert.equal(found.code, 0, found.stderr);
  assert.match(
    found.stdout,
    new RegExp(`^${run}  consistent up to (\\d+), anchored up to \\1 \\(its manifest, commits\\)`),
  );
  assert.match(repository.git('log', '-1', '--format=%B', `vtcode/${run}`), /^Vtcode-Log: \d+:[0-9a-f]{64}$/m);
});

test('an edit is found by the chain; one with all hashes made anew by the commits', async () => {
  const { run } = await planRun();
  rmSync(runPaths(vtcode.state, run).manifest);
  meddle(run, (db) => {
    db.prepare("UPDATE events SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 4").run();
  });
  const edited = await vtcode.call(['audit', 'verify', run]);
  assert.deepEqual([edited.code, /BROKEN at event 4/.test(edited.stdout)], [1, true], edited.stdout);
  hashAnew(run);
  const rewritten = await vtcode.call(['audit', 'verify', run]);
  assert.equal(rewritten.code, 1);
  assert.match(rewritten.stdout, /CONTRADICTED by commit [0-9a-f]{10}: event \d+ is another one/);
});

/** Makes every hash anew, as one would who knows how. */
function hashAnew(run: string): void {
  const db = new Database(runPaths(vtcode.state, run).log);
  const rows = db.prepare('SELECT seq, at, type, body FROM events ORDER BY seq').all() as Parameters<typeof chain>[1][];
  let before = '';
  for (const row of rows) {
    before = chain(before, row);
    db.prepare('UPDATE events SET hash = ? WHERE seq = ?').run(before, row.seq);
  }
  db.close();
}

test('a tail that was cut off is found by the manifest, or by what audit anchor printed', async () => {
  const { run } = await planRun();
  const anchor = (await vtcode.call(['audit', 'anchor', run])).stdout.trim().split(' ')[1] ?? '';
  meddle(run, (db) => db.prepare('DELETE FROM events WHERE seq > ?').run(Number(anchor.split(':')[0]) - 1));
  const cut = await vtcode.call(['audit', 'verify', run]);
  assert.match(cut.stdout, /CONTRADICTED by its manifest: event \d+ is not there/);
  rmSync(runPaths(vtcode.state, run).manifest);
  const unanchored = await vtcode.call(['audit', 'verify', run]);
  assert.equal(unanchored.code, 0);
  assert.match(unanchored.stdout, /anchored up to \d+ \(commits\), unanchored after that/);
  const compared = await vtcode.call(['audit', 'verify', run, '--anchor', anchor]);
  assert.deepEqual([compared.code, /CONTRADICTED by --anchor/.test(compared.stdout)], [1, true]);
});

test('show says who ran what, by which rule, in which walls, and how it ended; and what was refused', async () => {
  useModel(vtcode, server);
  const commands = ['echo hello', 'git push origin main', 'nobody-knows-this'];
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const command = commands[said];
    return { answer: command ? { calls: [{ name: 'run_command', arguments: { command } }] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'do it', '--json', '-C', temporaryFolder('audit')]);
  const run = endOf(called).run ?? '';
  const shown = async (...more: string[]) =>
    eventsOf(await vtcode.call(['audit', 'show', run, '--json', ...more])) as unknown as AuditRow[];
  const rows = await shown('--commands');
  assert.deepEqual(
    rows.map(({ agent, what, outcome, exitCode, bytes }) => ({ agent, what, outcome, exitCode, bytes })),
    [
      { agent: 'agent', what: 'echo hello', outcome: 'allowed', exitCode: 0, bytes: 6 },
      { agent: 'agent', what: 'git push origin main', outcome: 'denied', exitCode: null, bytes: null },
      { agent: 'agent', what: 'nobody-knows-this', outcome: 'denied', exitCode: null, bytes: null },
    ],
  );
  assert.match(rows[0]?.walls ?? '', /landlock|Seatbelt/i);
  assert.match(rows[1]?.rule ?? '', /git push/);
  assert.deepEqual(
    (await shown('--denied')).map(({ what }) => what),
    commands.slice(1),
  );
  assert.deepEqual(await shown('--approvals'), []);
});

test('wrong words are refused', async () => {
  const refusal = (says: RegExp) => ({ exitCode: 2, code: 'usage', says: [says] });
  await assertRefused(vtcode, ['audit', 'verify', '--denied'], refusal(/are for vtcode audit show/));
  await assertRefused(vtcode, ['audit', 'verify', '--anchor', '1:x'], refusal(/Say which run|--anchor is for/));
  await assertRefused(vtcode, ['audit', 'show'], refusal(/The run is missing/));
  const [run = ''] = (await vtcode.call(['audit', 'anchor'])).stdout.split(' ');
  await assertRefused(vtcode, ['audit', 'verify', run, '--anchor', '1:x'], refusal(/--anchor 1:x is none/));
});
