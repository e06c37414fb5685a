import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { assertAccount, editsIn, lastLineOf, logOf, ofType } from '../support/account.ts';
import { useChain } from '../support/chain.ts';
import { raising, type Seen, seenIn, workingReply } from '../support/coder-model.ts';
import { countsRepository, numbersTo } from '../support/counts.ts';
import { type ModelServer, type Reply, startModelServer } from '../support/model-server.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/** A run whose first vendor dies after half of its calls. `why`: what the log says of that vendor. */
type Dying = { tasks: number; settings: string; lastWords: Reply; die(server: ModelServer): void; why: RegExp };

/** One read, one edit, one hand-in: three calls for each task. */
const reads = 1;
/** As many agents work at once, and ask each vendor at once. */
const agents = 8;
const limits = `[limits]\nagents = ${agents}\nworkspaces = ${agents}\n`;

/** The first vendor refuses connections half-way. Throws an assertion error when a promise is broken. */
export async function vendorLeaves(tasks: number): Promise<void> {
  await assertGoneOn({
    tasks,
    settings: limits,
    lastWords: { pieces: () => ['break'] },
    die: (server) => void server.stop(),
    why: /cannot be reached .*ECONNREFUSED/,
  });
}

/**
 * The first vendor falls silent half-way, after the head of its answers. Throws an assertion error when a promise is
 * broken, also when more calls wait for it than were under way as it fell silent, and their retries.
 */
export async function vendorFallsSilent(tasks: number): Promise<void> {
  const retries = 1;
  const unanswered = await assertGoneOn({
    tasks,
    settings: `${limits}[models]\nfirst_token_seconds = 1\nretries = ${retries}\n`,
    lastWords: { pieces: () => ['hang'] },
    die: () => {},
    why: /said nothing within 1 s \(first token deadline\)/,
  });
  assert.ok(unanswered <= agents * (1 + retries), `${unanswered} calls waited for the silent vendor`);
}

/** Works the run and holds what must be true of it; answers how many calls the first vendor got once it was dead. */
async function assertGoneOn({ tasks, settings, lastWords, die, why }: Dying): Promise<number> {
  const half = Math.round(tasks * (reads + 2) * 0.5);
  const first = await startModelServer((request) => {
    if (request.number === half) die(first);
    return request.number >= half ? lastWords : workingReply(request, raising(reads), true);
  });
  const second = await startModelServer((request) => workingReply(request, raising(reads), true));
  const repository = countsRepository(tasks);
  const vtcode = vtcodeHere();
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
    assert.equal(repository.git('rev-parse', `${manifest?.branch}^{tree}`), repository.raisedTree);
    assertSwitched(called, why);
    assertConversations(first, second);
    return first.requests.length - half;
  } finally {
    await Promise.all([first.stop(), second.stop()]);
    repository.remove();
    rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
  }
}

/** Nothing was done twice, and log and manifest say which model took over and why. */
function assertSwitched(called: Parameters<typeof logOf>[0], why: RegExp): void {
  const events = logOf(called);
  const { manifest } = lastLineOf(called);
  assertAccount(events);
  assert.equal(editsIn(events), ofType(events, 'tool.requested').filter(({ name }) => name === 'edit_file').length);
  const switched = ofType(events, 'model.switched').filter(({ from }) => from === 'first/big');
  assert.ok(
    switched.some(({ to, reason }) => to === 'second/big' && why.test(reason)),
    JSON.stringify(switched[0]),
  );
  assert.deepEqual(Object.keys(manifest?.models ?? {}).sort(), ['first/big', 'second/big']);
  assert.ok(manifest?.switches.some(({ reason }) => why.test(reason)));
}

/** A thought goes back to the vendor that had it, and to no other. */
function assertConversations(first: ModelServer, second: ModelServer): void {
  const [own, asked] = [first, second].map(({ requests }) => requests.map(seenIn)) as [Seen[], Seen[]];
  assert.ok(
    own.every(
      ({ calls, thoughts }) => thoughts.length === calls.length && thoughts.every((one) => /of anthropic$/.test(one)),
    ),
    'each thought is sent back to its vendor, with its signature',
  );
  assert.ok(
    asked.some(({ calls }) => calls.length > 0),
    'a conversation changed its vendor in the middle',
  );
  assert.ok(
    asked.every(({ thoughts }) => thoughts.every((one) => /of openai-chat$/.test(one))),
    'and to no other',
  );
}
