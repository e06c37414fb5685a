// Goal: a run whose vendor dies half-way goes on with the next, in the middle of its conversations, comes to the same
// tree, says so, and does nothing twice. Method: 40 tasks whose Anthropic server is taken away, or stops speaking, after
// half of the calls; the second vendor speaks another format and refuses conversations that do not fit together.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAccount, editsIn, lastLineOf, logOf, ofType } from '../support/account.ts';
import { useChain } from '../support/chain.ts';
import { raising, type Seen, seenIn, workingReply } from '../support/coder-model.ts';
import { countsRepository, numbersTo } from '../support/counts.ts';
import { type ModelServer, type Reply, startModelServer } from '../support/model-server.ts';
import { testVtcode } from '../support/vtcode.ts';

type Dying = { tasks: number; settings: string; lastWords: Reply; die(server: ModelServer): void };

/** One read, one edit, one hand-in: three calls for each task. */
const reads = 1;

async function work({ tasks, settings, lastWords, die }: Dying) {
  const half = Math.round(tasks * (reads + 2) * 0.5);
  const first = await startModelServer((request) => {
    if (request.number === half) die(first);
    return request.number >= half ? lastWords : workingReply(request, raising(reads), true);
  });
  const second = await startModelServer((request) => workingReply(request, raising(reads), true));
  const repository = countsRepository(tasks);
  const vtcode = testVtcode();
  useChain(
    vtcode,
    [
      { name: 'first', baseUrl: first.baseUrl('anthropic'), format: 'anthropic' },
      { name: 'second', baseUrl: second.baseUrl('openai-chat'), format: 'openai-chat' },
    ],
    settings,
  );
  try {
    const plan = repository.planFile(numbersTo(tasks));
    const called = await vtcode.call(['run', '--plan-file', plan, '--yes', '--json', '-C', repository.root]);
    assert.equal(called.code, 0, `${called.stderr}${called.stdout.slice(-3_000)}`);
    const { manifest } = lastLineOf(called);
    const tree = repository.git('rev-parse', `${manifest?.branch}^{tree}`);
    return { events: logOf(called), manifest, tree, raisedTree: repository.raisedTree, first, second };
  } finally {
    await Promise.all([first.stop(), second.stop()]);
    repository.remove();
    rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
  }
}

/** What must hold, however the first vendor died. `why`: what the log says of it. */
function assertGoneOn(
  { events, manifest, tree, raisedTree, first, second }: Awaited<ReturnType<typeof work>>,
  why: RegExp,
) {
  assert.equal(tree, raisedTree);
  assertAccount(events);
  assert.equal(editsIn(events), ofType(events, 'tool.requested').filter(({ name }) => name === 'edit_file').length);
  const switched = ofType(events, 'model.switched').filter(({ from }) => from === 'first/big');
  assert.ok(
    switched.some(({ to, reason }) => to === 'second/big' && why.test(reason)),
    JSON.stringify(switched[0]),
  );
  assert.deepEqual(Object.keys(manifest?.models ?? {}).sort(), ['first/big', 'second/big']);
  assert.ok(manifest?.switches.some(({ reason }) => why.test(reason)));
  const [own, asked] = [first, second].map(({ requests }) => requests.map(seenIn)) as [Seen[], Seen[]];
  assert.ok(
    own.every(({ calls, thoughts }) => thoughts.length === calls.length),
    'each thought is sent back to its vendor, with its signature',
  );
  assert.ok(
    asked.some(({ calls }) => calls.length > 0),
    'a conversation changed its vendor in the middle',
  );
  assert.ok(
    asked.every(({ thoughts }) => thoughts.length === 0),
    'and to no other',
  );
}

test('40 tasks whose first vendor refuses connections half-way end on the second with the same tree', async () => {
  const result = await work({
    tasks: 40,
    settings: '[limits]\nagents = 8\nworkspaces = 8\n',
    lastWords: { pieces: () => ['break'] },
    die: (server) => void server.stop(),
  });
  assertGoneOn(result, /cannot be reached .*ECONNREFUSED/);
});

test('a first vendor that falls silent half-way, after the head of its answers, costs one deadline', async () => {
  const began = performance.now();
  const result = await work({
    tasks: 16,
    settings: '[limits]\nagents = 8\nworkspaces = 8\n[models]\nfirst_token_seconds = 1\nretries = 1\n',
    lastWords: { pieces: () => ['hang'] },
    die: () => {},
  });
  assertGoneOn(result, /said nothing within 1 s \(first token deadline\)/);
  assert.ok(performance.now() - began < 30_000);
});
