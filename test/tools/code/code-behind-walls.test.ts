import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mechanicalReport } from '../../../ipc/mechanical.ts';
import { listProcesses } from '../../../supervisor/process-tree.ts';
import { eventually } from '../../support/processes.ts';
import { handsAt, place } from '../program/hands-here.ts';

/** Goal: the language server works behind the walls, sees what the hands changed, and ends with them. Method: real hands. */
const files = {
  'tsconfig.json': '{ "include": ["src"] }',
  'src/api.ts': 'export function old() {}\n',
  'test/use.ts': "import { old } from '../src/api';\nold();\n",
};

/** Language servers that run in a workspace. */
const servers = (workspace: string) =>
  listProcesses().filter(({ pid }) => {
    try {
      const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes('--lsp') && readlinkSync(`/proc/${pid}/cwd`) === workspace;
    } catch {
      // Gone, or not ours to look at.
      return false;
    }
  });

test('A rename is prepared where nothing can be written, and applied where it can; then the code has changed.', async (context) => {
  const here = place(context, files);
  const reading = await handsAt(context, { ...here.policy, mode: 'read' });
  const planned = await reading.prepare('rename_symbol', { symbol: 'old', to: 'fresh', dry_run: true });
  assert.equal(mechanicalReport.parse(JSON.parse(planned.text)).status, 'ok', planned.text);
  assert.equal(planned.changes, undefined);

  const writing = await handsAt(context, here.policy);
  const first = await writing.prepare('rename_symbol', { symbol: 'old', to: 'fresh' });
  const outcomes = await writing.apply(first.changes ?? []);
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['done', 'done'],
  );
  assert.equal(
    readFileSync(join(here.workspace, 'test/use.ts'), 'utf8'),
    "import { fresh } from '../src/api';\nfresh();\n",
  );

  const again = await writing.prepare('rename_symbol', { symbol: 'fresh', to: 'newest' });
  assert.deepEqual(mechanicalReport.parse(JSON.parse(again.text)).counts, {
    target: 3,
    otherSymbol: 0,
    text: 0,
    unplaced: 0,
  });
  const moved = await writing.prepare('move_module', { from: 'src/api.ts', to: 'src/deep/api.ts' });
  assert.deepEqual(
    (await writing.apply(moved.changes ?? [])).map(({ outcome }) => outcome),
    ['done', 'done'],
  );
  const found = await writing.prepare('find_symbol', { query: 'fresh' });
  assert.equal(found.text, 'src/deep/api.ts:1:17 function fresh');
  assert.ok(servers(here.workspace).length > 0);
  await writing.stop();
  await reading.stop();
  assert.deepEqual(servers(here.workspace), []);
});

test('A server that is killed under a question is replaced, and the question is asked once more.', async (context) => {
  const here = place(context, files);
  const hands = await handsAt(context, here.policy);
  // A machine that is quick may have answered before its server was seen: then it is asked again.
  for (let left = 10; ; left -= 1) {
    const planned = hands.prepare('rename_symbol', { symbol: 'old', to: 'fresh', dry_run: true });
    await eventually(() => servers(here.workspace).length > 0, 10_000);
    const [first] = servers(here.workspace);
    assert.ok(first);
    process.kill(first.pid, 'SIGKILL');
    assert.equal(mechanicalReport.parse(JSON.parse((await planned).text)).status, 'ok');
    const now = servers(here.workspace).map(({ pid }) => pid);
    if (now.length === 0 && left > 0) continue;
    assert.ok(now.length === 1 && now[0] !== first.pid, `${now}`);
    return;
  }
});
