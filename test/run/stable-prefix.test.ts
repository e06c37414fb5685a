import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endState, eventsIn, untilLogged } from '../support/detached.ts';
import { type Received, type Reply, startModelServer } from '../support/model-server.ts';
import { makeRepository } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: every request begins byte for byte as the one before, so that a vendor's cache of prompts holds: over reminders,
 * refusals and messages, and after a host was killed. Method: a long conversation with a scripted model, request by request.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(async () => {
  await server.stop();
  await endState(vtcode);
});

type Turn = NonNullable<Reply['answer']>;
const call = (name: string, given: unknown): Turn => ({ text: 'So.', calls: [{ name, arguments: given }] });
const failing = call('edit_file', { path: 'a.txt', old_text: 'not there', new_text: 'x' });

/** The answers of the model: at number `dies` the host is killed before it hears one. */
const dies = 13;
const turns: Turn[] = [
  call('read_file', { path: 'a.txt' }),
  { text: 'It goes on for', stop: 'length' },
  { text: '<tool_call>{"name": "read_file", "arguments": {"path": "a.txt"}}</tool_call>' },
  call('run_command', { command: 'curl https://example.org' }),
  call('read_file', { path: '/etc/secret/a.txt' }),
  failing,
  failing,
  failing,
  failing,
  { thinking: 'Hm.', ...call('search', { pattern: 'line' }) },
  call('write_file', { path: 'b.txt', content: 'b\n' }),
  call('run_command', { command: 'cat b.txt' }),
  ...Array.from({ length: 12 }, (_, at) => call('read_file', { path: 'a.txt', offset: at + 1, limit: 1 })),
  { text: 'All read.' },
];

/** The parts of a request that a vendor caches: tools, system prompt and messages, in this order. */
function cached({ body }: Received): string[] {
  return [JSON.stringify(body.tools), ...(body.messages as unknown[]).map((message) => JSON.stringify(message))];
}

test('each request begins as the one before, also after kill -9', async (t) => {
  const repository = makeRepository({ 'a.txt': Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('') });
  t.after(() => repository.remove());
  writeFileSync(join(repository.root, 'new.txt'), 'new\n');
  let kill: (() => void) | null = null;
  server.answerWith((request) => {
    const at = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    if (at === dies && kill) {
      kill();
      kill = null;
      return { pieces: () => ['hang'] };
    }
    return { answer: turns[at] ?? { text: 'Nothing more.' } };
  });
  const child = vtcode.start(['run', 'read it', '--auto', '--json', '-C', repository.root]);
  kill = () => child.kill('SIGKILL');
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  const [first] = jsonLines(stdout.slice(0, stdout.indexOf('\n') + 1)) as { run: string }[];
  const run = first?.run ?? '';
  // The opening stays the one of the beginning, although the folder is another by now.
  writeFileSync(join(repository.root, 'newer.txt'), 'newer\n');
  const resumed = await vtcode.call(['resume', run]);
  assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);
  await untilLogged(vtcode, run, ({ type }) => type === 'run.finished');

  const requests = server.requests.map(cached);
  assert.ok(requests.length > turns.length, `${requests.length} requests`);
  for (const [at, request] of requests.slice(1).entries()) {
    const before = requests[at] ?? [];
    assert.deepEqual(request.slice(0, before.length), before, `request ${at + 2} begins as request ${at + 1}`);
  }
  const system = textOf(messagesOf(server.requests.at(-1)!)[0]);
  assert.match(system, /Git: branch \S+, changed or new: new\.txt\./);
  assert.match(system, new RegExp(`You are in ${repository.root}`));
  const openings = eventsIn(vtcode, run).flatMap((event) =>
    event.type === 'agent.started' ? [event.opening !== undefined] : [],
  );
  assert.deepEqual(openings, [true, false], 'made once, kept in the log');
  const said = messagesOf(server.requests.at(-1)!).map(textOf).join('\n');
  for (const words of [/cut at the output limit/, /tool call as text/, /You repeat yourself/])
    assert.match(said, words);
});
