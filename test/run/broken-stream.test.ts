// Goal: an answer that breaks off in mid-stream never happened: its words are in no log, its half tool call is not made,
// the turn is asked again, and no tool runs twice for it. Method: every turn of a real agent breaks off once, after some
// words and half of a tool call that differs from the one that is asked for in the end.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAccount, logOf, ofType } from '../support/account.ts';
import { useChain } from '../support/chain.ts';
import { countAfter, raising, seenIn, workingReply } from '../support/coder-model.ts';
import { countsRepository } from '../support/counts.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { testVtcode } from '../support/vtcode.ts';

/** Words, and a call that writes a file: cut in the middle of the call's arguments. */
const lost: Reply = {
  answer: {
    thinking: 'lost thought',
    text: ['Lost ', 'words.'],
    calls: [{ id: 'lost_call', name: 'write_file', arguments: { path: 'lost.txt', content: 'lost' } }],
  },
  pieces: (events) => [...events.slice(0, -4), 'break'],
};

for (const format of ['anthropic', 'openai-chat'] as const)
  test(`${format}: a turn that breaks off in the middle of a tool call is asked again, and leaves nothing`, async (context) => {
    const begun = new Set<number>();
    const server = await startModelServer((request) => {
      const turn = seenIn(request).results.length;
      if (begun.has(turn)) return workingReply(request, raising(1));
      begun.add(turn);
      return lost;
    });
    const repository = countsRepository(1);
    const vtcode = testVtcode();
    context.after(async () => {
      await server.stop();
      repository.remove();
      rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
    });
    useChain(vtcode, [{ name: 'acme', baseUrl: server.baseUrl(format), format }]);
    const plan = repository.planFile([1]);
    const called = await vtcode.call(['run', '--plan-file', plan, '--yes', '--json', '-C', repository.root]);
    const events = logOf(called);
    assert.equal(called.code, 0, `${called.stderr}${called.stdout.slice(-2_000)}`);
    assertAccount(events);
    const failed = ofType(events, 'model.failed');
    assert.deepEqual(
      failed.map(({ kind, retryable }) => ({ kind, retryable })),
      Array.from({ length: 3 }, () => ({ kind: 'network', retryable: true })),
    );
    assert.ok(
      failed.every(({ usage }) => (usage?.outputTokens ?? 0) > 0),
      'what had been said may be billed',
    );
    assert.deepEqual(
      ofType(events, 'tool.requested').map(({ name }) => name),
      ['read_file', 'edit_file', 'finish'],
    );
    assert.ok(
      server.requests.every(({ text }) => !/lost/i.test(text)),
      'no later request holds it',
    );
    assert.doesNotMatch(called.stdout.replaceAll(/"reason":"[^"]*"/g, ''), /lost/i);
    assert.doesNotMatch(readFileSync(join(vtcode.state, 'runs', events[0]!.run, 'log.db'), 'latin1'), /lost[ _]/i);
    const branch = `vtcode/${events[0]!.run}`;
    assert.equal(repository.git('show', `${branch}:counts/n1.txt`), countAfter);
    assert.equal(repository.git('rev-parse', `${branch}^{tree}`), repository.raisedTree);
  });
