/**
 * Goal: an answer that a person cuts off is kept as far as it had come: on the screen, in the log, for the model, and in what
 * was spent. Method: the real program in a real terminal, against a model whose answer never ends.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runsIn } from '../../support/called.ts';
import { eventsIn } from '../../support/detached.ts';
import { type Piece, startModelServer } from '../../support/model-server.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { messagesOf, textOf, useModel } from '../../support/scripted-run.ts';
import { skip, startAtTerminal } from '../../support/terminal.ts';
import { testVtcode } from '../../support/vtcode.ts';

const vtcode = testVtcode();
const words = 'These words were said. '.repeat(9);
const server = await startModelServer((request) =>
  textOf(messagesOf(request).at(-1)).includes('begin')
    ? { answer: { text: words }, pieces: (events): Piece[] => [...events.slice(0, -3), 'hang'] }
    : { answer: { text: 'I heard you.' } },
);
useModel(vtcode, server);
after(() => server.stop());

test('what was said before Escape stays said, is known to the model, and is paid for', { skip }, async (t) => {
  const folder = temporaryFolder('interrupt');
  const terminal = startAtTerminal(t, ['chat', '-C', folder], { environment: vtcode.environment });
  await terminal.sees(/Say what to do/);
  terminal.type('begin');
  terminal.press('Enter');
  await terminal.sees(/These words were said/);
  terminal.press('Escape');
  await terminal.sees(/These words were said[\s\S]*· interrupted[\s\S]*ready/);
  const [run = ''] = runsIn(vtcode);
  const cut = eventsIn(vtcode, run).find((event) => event.type === 'model.failed');
  assert.ok(cut?.type === 'model.failed');
  assert.ok(words.startsWith(cut.said ?? '-') && (cut.said ?? '').length > 100, cut.said);
  assert.ok((cut.usage?.inputTokens ?? 0) > 0 && (cut.usage?.usd ?? 0) > 0);
  terminal.type('go on');
  terminal.press('Enter');
  await terminal.sees(/I heard you/);
  const conversation = messagesOf(server.requests.at(-1)!).slice(1);
  assert.deepEqual(
    conversation.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  );
  assert.equal(textOf(conversation[1]), cut.said);
  const shown = terminal.screen().split('─')[0];
  terminal.press('C-d');
  await terminal.sees(/ended 0/);
  const again = startAtTerminal(t, ['--continue', '-C', folder], { environment: vtcode.environment });
  await again.sees(/I heard you[\s\S]*ready/);
  assert.equal(again.screen().split('─')[0], shown);
});
