/**
 * Goal: the state folder of an earlier vtcode goes on: its runs are listed, shown, audited, answered, resumed and undone.
 * Method: a whole state folder of the first version, made by its own build (test/histories/make-state.ts) with one run of
 * every kind, is unpacked where it was made, because logs name absolute paths; then today's vtcode works with it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const archive = join(import.meta.dirname, '..', 'histories', 'state-v1.tar.gz');
const folder = '/tmp/vtcode-state-v1';
const made = vtcodeHere();
const environment = {
  ...made.environment,
  HOME: join(folder, 'home'),
  XDG_STATE_HOME: join(folder, 'state'),
  XDG_CONFIG_HOME: join(folder, 'config'),
};
const call = (...args: string[]) => made.call(args, { environment });
// The runs keep the address of the model that they were made with.
const server = await startModelServer(() => ({ answer: { text: 'Once more.' } }), undefined, 18_976);
let runs: Record<string, string> = {};
const runOf = (kind: string): string => runs[kind] ?? assert.fail(`there is no run ${kind}`);

before(() => {
  rmSync(folder, { recursive: true, force: true });
  execFileSync('tar', ['-xzf', archive, '-C', '/tmp']);
  runs = JSON.parse(readFileSync(join(folder, 'runs.json'), 'utf8')) as Record<string, string>;
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('every run is listed, and says what it came to', async () => {
  const listed = await call('list', '--all', '--json');
  assert.equal(listed.code, 0, listed.stderr);
  const found = (JSON.parse(listed.stdout) as { runs: { run: string; outcome: string | null }[] }).runs;
  assert.deepEqual(new Set(found.map(({ run }) => run)), new Set(Object.values(runs)));
  const outcomeOf = (kind: string) => found.find(({ run }) => run === runs[kind])?.outcome;
  const kinds = ['plan-undone', 'plan-dry', 'plan-refused', 'lone', 'plan-waiting', 'lone-limited'];
  assert.deepEqual(Object.fromEntries(kinds.map((kind) => [kind, outcomeOf(kind)])), {
    'plan-undone': 'incomplete',
    'plan-dry': 'planned',
    'plan-refused': 'failed',
    lone: 'done',
    'plan-waiting': null,
    'lone-limited': null,
  });
});

test('every run is shown, and its log follows from its first record to its last', async () => {
  for (const [kind, run] of Object.entries(runs)) {
    const shown = await call('show', run);
    assert.equal(shown.code, 0, `${kind}: ${shown.stderr}`);
    const audited = await call('audit', 'verify', run);
    assert.equal(audited.code, 0, `${kind}: ${audited.stdout}${audited.stderr}`);
  }
});

test('a plan that waits is accepted and worked', async () => {
  const accepted = await call('approve', runOf('plan-waiting'));
  assert.equal(accepted.code, 0, accepted.stdout + accepted.stderr);
  assert.match(accepted.stdout, /DONE/);
});

test('a merged task is undone', async () => {
  const undone = await call('undo', runOf('plan-undoable'), 'rename');
  assert.equal(undone.code, 0, undone.stdout + undone.stderr);
});

test('an approval that waits is answered, and its run goes on', async () => {
  const run = runOf('lone-approval-waits');
  const listed = await call('approvals');
  assert.match(listed.stdout, /frobnicate --all/);
  const denied = await call('deny', run, 'not', 'today');
  assert.equal(denied.code, 0, denied.stdout + denied.stderr);
  const resumed = await call('resume', run);
  assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);
});

test('agents whose host was killed or stopped at a limit go on', async () => {
  for (const kind of ['lone-killed', 'plan-killed']) {
    const resumed = await call('resume', runOf(kind));
    assert.ok(resumed.code === 0 || resumed.code === 1, `${kind}: ${resumed.code} ${resumed.stdout}${resumed.stderr}`);
    const again = await call('show', runOf(kind), '--json');
    assert.equal((JSON.parse(again.stdout) as { state: string }).state, 'finished', kind);
  }
});

test('a conversation goes on with what was said in it', async () => {
  const said = await made.call(['chat', '--continue', '-C', join(folder, 'folder')], {
    environment,
    input: 'and now?\n',
  });
  assert.equal(said.code, 0, said.stdout + said.stderr);
  const request = server.requests.at(-1)?.text ?? '';
  for (const words of ['one', 'write something', 'three', 'and now?']) assert.ok(request.includes(words), words);
});

test('the dashboard shows the old runs', async () => {
  const shown = await call('ps', '--all', '--json');
  assert.equal(shown.code, 0, shown.stderr);
  for (const kind of ['plan-undone', 'chat', 'lone-tainted']) assert.ok(shown.stdout.includes(runOf(kind)), kind);
});
