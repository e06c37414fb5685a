// Goal: a host that is killed while its agents ask models goes on to the same tree: nothing was done twice, and what the
// dead host had reserved is settled, never below what a vendor may bill. Method: a run in which a vendor fails, another
// takes over, one in which an agent delegates and one in which an agent compacts is killed by SIGKILL at each kind of event
// that it makes, and one with all three while several answers stream; then it is resumed and its log is held against the account.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Event } from '../../ipc/events.ts';
import { assertAccount, editsIn, lastLineOf, logOf, ofType } from '../support/account.ts';
import { useChain } from '../support/chain.ts';
import { raising, seenIn, type Work, workingReply } from '../support/coder-model.ts';
import { countsRepository, numbersTo } from '../support/counts.ts';
import { type Reply, type Script, startModelServer } from '../support/model-server.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { watch } from '../support/watched.ts';

/** n1 changes its vendor, n2 delegates, n3 reads a long file again and again until its conversation is compacted. */
const work: Work = (at, seen) => {
  const [, task] = /counts\/(n\d)\.txt/.exec(seen.opening) ?? [];
  if (seen.opening.startsWith('Look') && at > 0)
    return [{ name: 'finish', arguments: { outcome: 'done', summary: 'looked' } }];
  if (task === 'n2' && at === 0 && !seen.opening.startsWith('Look'))
    return [{ name: 'delegate', arguments: { role: 'explorer', prompt: 'Look into counts/n2.txt.' } }];
  return raising(task === 'n3' ? 4 : 1)(at, seen);
};

/** The first vendor: fails once in the second turn of n1, and takes its key no more from the third on. */
function firstVendor(eventDelayMs: number): Script {
  let failed = false;
  return (request): Reply => {
    const { opening, results } = seenIn(request);
    const at = opening.includes('n1') ? results.length : 0;
    if (at === 2) return { status: 403, body: { error: { type: 'permission_error', message: 'not for you' } } };
    if (at === 1 && !failed) {
      failed = true;
      return { status: 500, body: { error: { type: 'api_error', message: 'sorry' } } };
    }
    return { ...workingReply(request, work, true), eventDelayMs };
  };
}

/** A third of the window: the third reading is too much. */
const long = `${'A line that nobody needs to know, and that takes room.\n'.repeat(280)}`;
const settings = '[limits]\nagents = 4\nworkspaces = 4\n';
const tools = 'tools = ["read_file", "edit_file", "delegate", "finish"]';

/** `numbers`: the tasks of the run. */
async function surroundings(context: TestContext, eventDelayMs: number, numbers: number[]) {
  const first = await startModelServer(firstVendor(eventDelayMs));
  const second = await startModelServer((request) => workingReply(request, work));
  const repository = countsRepository(3, long);
  const vtcode = vtcodeHere();
  context.after(async () => {
    await Promise.all([first.stop(), second.stop()]);
    repository.remove();
    rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
  });
  const contextTokens = 14_000;
  useChain(
    vtcode,
    [
      { name: 'first', baseUrl: first.baseUrl('anthropic'), format: 'anthropic', contextTokens },
      { name: 'second', baseUrl: second.baseUrl('openai-chat'), format: 'openai-chat', contextTokens },
    ],
    settings,
    tools,
  );
  const start = ['run', '--plan-file', repository.planFile(numbers), '--yes', '-C', repository.root];
  /** Resumes the run, and holds everything that must be true of it then. */
  const resume = async (run: string): Promise<Event[]> => {
    const called = await vtcode.call(['resume', run, '--json']);
    assert.equal(called.code, 0, `${called.stderr}${called.stdout.slice(-3_000)}`);
    const events = logOf(called);
    assertAccount(events);
    assert.equal(editsIn(events), numbers.length);
    assert.equal(repository.git('rev-parse', `vtcode/${run}^{tree}`), repository.treeRaised(numbers));
    const { usage } = lastLineOf(called).manifest ?? {};
    const spent = events.flatMap((event) => ('usage' in event && event.usage ? [event.usage] : []));
    assert.equal(
      (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
      spent.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
    );
    return events;
  };
  return { first, vtcode, start, resume };
}

const preload = pathToFileURL(join(import.meta.dirname, '..', 'chaos', 'die-at-event.mjs')).href;
/** Each kind of event, which of its kind the host dies at, and the task that makes it. */
const deaths: [Event['type'], number, number][] = [
  ['model.granted', 4, 1],
  ['model.finished', 2, 1],
  ['model.failed', 1, 1],
  ['model.switched', 1, 1],
  ['context.compacted', 1, 3],
  ['agent.delegated', 1, 2],
  ['agent.parked', 1, 2],
  ['tool.requested', 3, 3],
  ['tool.started', 1, 1],
];

describe('a host that is killed', { concurrency: 2 }, () => {
  for (const [type, count, task] of deaths)
    test(`at ${type} goes on to the same tree, with every reservation settled`, async (context) => {
      const { vtcode, start, resume } = await surroundings(context, 0, [task]);
      const environment = { NODE_OPTIONS: `--import=${preload}`, DIE_AT_TYPE: type, DIE_AT_COUNT: String(count) };
      const dying = await vtcode.call([...start, '--json'], { environment });
      assert.equal(dying.signal, 'SIGKILL', `${dying.stderr}${dying.stdout.slice(-1_000)}`);
      const events = await resume(logOf(dying)[0]!.run);
      const own = deaths.filter(([, , one]) => one === task);
      const unmet = own.filter(([needed]) => ofType(events, needed).length === 0).map(([needed]) => needed);
      // An agent that delegated as its host died is not started again before it has its answer: it is not parked.
      assert.deepEqual(unmet, type === 'agent.delegated' ? ['agent.parked'] : []);
    });

  test('while several answers stream settles each of them as spent in full', async (context) => {
    const { first, vtcode, start, resume } = await surroundings(context, 150, numbersTo(3));
    const host = watch(vtcode, start);
    await host.until(({ type }) => type === 'model.granted');
    const streaming = () => first.requests.filter(({ ended }) => ended === null).length;
    while (streaming() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    host.child.kill('SIGKILL');
    await host.ended;
    first.answerWith(firstVendor(0));
    const events = await resume(String(host.lines[0]?.run));
    const abandoned = ofType(events, 'model.abandoned');
    assert.ok(abandoned.length >= 3, `${abandoned.length} calls were abandoned`);
    for (const { agent, seq, usage } of abandoned) {
      const granted = ofType(events, 'model.granted').findLast((one) => one.agent === agent && one.seq < seq);
      assert.deepEqual(
        { tokens: usage.inputTokens + usage.outputTokens, usd: usage.usd },
        { tokens: granted?.reserved?.tokens, usd: granted?.reserved?.usd },
      );
    }
  });
});
