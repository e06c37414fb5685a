import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventsOf } from '../support/called.ts';
import { startModelServer } from '../support/model-server.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: the gate says the same of a call whoever makes it: the first agent, one that it waits for, one in the background, at
 * any depth. Method: a real run in which agents start each other, and each makes the same calls.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

const commands = [
  'git push',
  'curl https://example.org',
  'ls',
  'cat ../up',
  'nobody-knows-this',
  'cat src/user.ts | wc -l',
];
const calls = [
  ...commands.map((command) => ({ name: 'run_command', arguments: { command } })),
  { name: 'read_file', arguments: { path: '/etc/passwd' } },
  { name: 'write_file', arguments: { path: '.git/hooks/pre-commit', content: 'x' } },
  { name: 'write_file', arguments: { path: 'AGENTS.md', content: 'x' } },
];

test('the same calls get the same verdicts and rules at every depth, in the foreground and the background', async () => {
  const repository = sampleRepository();
  after(() => repository.remove());
  server.answerWith((request) => {
    const messages = messagesOf(request);
    const said = messages.filter(({ role }) => role === 'assistant').length;
    const prompt = textOf(messages.find(({ role }) => role === 'user'));
    if (said === 0) return { answer: { calls } };
    const start = (name: string, more: object) => ({ calls: [{ name, arguments: { ...more, role: 'general' } }] });
    if (prompt.startsWith('first')) {
      if (said === 1) return { answer: start('delegate', { prompt: 'second' }) };
      if (said === 2) return { answer: start('agents', { action: 'start', prompt: 'aside' }) };
      if (said === 3) return { answer: { calls: [{ name: 'agents', arguments: { action: 'wait', until: 'all' } }] } };
      return { answer: { text: 'Done.' } };
    }
    if (prompt.startsWith('second') && said === 1) return { answer: start('delegate', { prompt: 'third' }) };
    return { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'did' } }] } };
  });
  const called = await vtcode.call(['run', 'first', '--auto', '--json', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr);
  const verdicts = new Map<string, string[]>();
  const events = eventsOf(called);
  for (const asked of events.filter(({ type }) => type === 'tool.requested')) {
    if (!calls.some(({ name }) => name === asked.name)) continue;
    const end = events.find(
      ({ type, agent, call }) => type === 'tool.finished' && agent === asked.agent && call === asked.call,
    );
    const line = `${asked.name} ${JSON.stringify(asked.arguments)}: ${end?.verdict} ${end?.rule}`;
    verdicts.set(String(asked.agent), [...(verdicts.get(String(asked.agent)) ?? []), line]);
  }
  const [first, ...others] = [...verdicts];
  assert.equal(others.length, 3, [...verdicts.keys()].join());
  assert.equal(first?.[1].length, calls.length);
  for (const [agent, lines] of others) assert.deepEqual(lines, first?.[1], agent);
  assert.ok(
    first?.[1].some((line) => line.includes(': denied')) && first[1].some((line) => line.includes(': allowed')),
  );
});
