import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, EventBody } from '../../../ipc/events.ts';
import { clicked, pressInChat } from '../../../tui/chat/keys.ts';
import { openChatPanes } from '../../../tui/chat/panes.ts';
import { type ChatView, firstChatView } from '../../../tui/chat/state.ts';
import { hearEvent, hearPiece, newTranscript, openQuestions, type Transcript } from '../../../tui/chat/transcript.ts';
import { type ChatFacts, type ChatParts, chatParts } from '../../../tui/chat/view.ts';
import { openScreen } from '../../../tui/terminal/screen.ts';
import { plainCode } from '../../../tui/text/code-colours.ts';
import { fitLine, type Line, textOf } from '../../../tui/text/text.ts';
import { emulatedTerminal } from '../../support/emulated-terminal.ts';
import { random } from '../../support/random.ts';

/** Goal: a conversation is drawn from its events alone, whole at every size, and stays where somebody looks. Pure. */
const facts: ChatFacts = {
  ...{ now: Date.parse('2026-11-20T12:00:10Z'), busySince: null, model: 'acme/big', contextTokens: 50_000 },
  ...{ contextMax: 200_000, usd: 0.1234, branch: 'main', walls: 'landlock', permissions: 'asks', folder: '/x' },
  ...{ aside: [], planQuestion: null },
};
const usage = { inputTokens: 1, outputTokens: 1, usd: 0 };

let seq = 0;
function hear(transcript: Transcript, ...bodies: EventBody[]): void {
  for (const body of bodies) {
    seq += 1;
    hearEvent(transcript, { seq, at: '2026-11-20T12:00:00Z', run: 'run_222222222222', v: 1, ...body } as Event);
  }
}
const told = (text: string, by = 'you'): EventBody => ({ type: 'agent.told', agent: 'agent', text, by });
const said = (text: string, call = 1, thought = ''): EventBody => ({
  ...{ type: 'model.finished', agent: 'agent', call, usage },
  message: { role: 'assistant', text, calls: [], ...(thought !== '' && { thoughts: [{ text: thought }] }) },
});
const requested = (call: string, name: string, given: unknown, agent = 'agent'): EventBody => ({
  ...{ type: 'tool.requested', agent, call, name, arguments: given },
});
const finished = (call: string, name: string, text: string, isError = false, agent = 'agent'): EventBody => ({
  ...{ type: 'tool.finished', agent, call, name, verdict: 'allowed', rule: '', result: { text, isError } },
});

/** The parts one below the other, as the panes lie. */
const linesOf = ({ body, asides, menu, rule, question, composer, status, hint }: ChatParts): Line[] => [
  ...[...body, ...asides, ...(menu?.title ? [menu.title] : []), ...(menu?.items.slice(0, menu.height) ?? [])],
  ...[rule, ...(question ? [question] : []), ...composer, status, hint],
];
const draw = (transcript: Transcript, view: ChatView, size = { width: 80, height: 24 }) => {
  const frame = chatParts(transcript, facts, view, size);
  return {
    frame,
    text: linesOf(frame)
      .map((one) => textOf(one).trimEnd())
      .join('\n'),
  };
};
const press = (view: ChatView, frame: ChatParts, ...names: string[]) => {
  const seen = {
    foldable: frame.foldable,
    page: frame.page,
    isBusy: false,
    sources: { commands: [], roles: [], files: [] },
  };
  return names.reduce((now, name) => pressInChat(now, name, '', seen).view, view);
};

test('what was streamed becomes what was said, once, after what was thought', () => {
  const transcript = newTranscript(plainCode);
  hear(transcript, told('hello'));
  for (const piece of ['The ', 'answer', ' is 42.']) hearPiece(transcript, 'agent', piece, 'text');
  assert.match(draw(transcript, firstChatView([])).text, /› hello\n\n {2}The answer is 42\.\n─/);
  hear(transcript, said('The answer is 42.', 1, 'Hm.\nWell.'));
  hear(transcript, {
    type: 'agent.finished',
    agent: 'agent',
    life: 1,
    handoff: { outcome: 'done', summary: 'The answer is 42.' },
  });
  assert.match(draw(transcript, firstChatView([])).text, /› hello\n {2}▸ thought: Hm\.\n\n {2}The answer is 42\.\n─/);
  hear(transcript, told('again'));
  hearPiece(transcript, 'agent', 'half of', 'text');
  hear(transcript, { type: 'model.failed', agent: 'agent', call: 2, reason: 'gone', retryable: true });
  hear(transcript, said('Whole.', 2));
  const { text } = draw(transcript, firstChatView([]));
  assert.doesNotMatch(text, /half of/);
  assert.match(text, /model call 2 failed: gone\n\n {2}Whole\./);
});

test('calls say what they do and how they ended, fold, and show all when they are asked to', () => {
  const transcript = newTranscript(plainCode);
  hear(transcript, told('go'), requested('a', 'run_command', { command: 'npm test' }));
  hearPiece(transcript, 'agent', 'one\ntwo\nthree\nfour\n', 'output');
  assert.match(draw(transcript, firstChatView([])).text, /▸ … \$ npm test {2}10s\n {6}two\n {6}three\n {6}four\n/);
  hear(transcript, finished('a', 'run_command', 'exit 1\nboom', true));
  hear(
    transcript,
    requested('b', 'edit_file', { path: 'x.ts', old_text: 'old', new_text: 'new' }),
    finished('b', 'edit_file', 'Edited.'),
  );
  let view = firstChatView([]);
  let { frame, text } = draw(transcript, view);
  assert.match(text, /▸ ✗ \$ npm test\n {6}exit 1\n {2}▸ ✓ edit x\.ts\n─/);
  view = press(frame.view, frame, 'M-up', 'return');
  ({ frame, text } = draw(transcript, view));
  assert.match(text, /▾ ✓ edit x\.ts\n {6}- old\n {6}\+ new\n {6}Edited\./);
  const row = frame.entries.findIndex((entry) => entry?.kind === 'call' && entry.name === 'run_command');
  ({ text } = draw(transcript, clicked(frame.view, frame.entries[row] ?? null)));
  assert.match(text, /▾ ✗ \$ npm test\n {6}exit 1\n {6}boom/);
});

test('who looks back stays where they look, whatever comes, until they go to the newest', () => {
  const transcript = newTranscript(plainCode);
  for (let turn = 0; turn < 60; turn += 1) hear(transcript, told(`words ${turn}`), said(`answer ${turn}`, turn));
  let { frame } = draw(transcript, firstChatView([]));
  ({ frame } = draw(transcript, press(frame.view, frame, 'pageup', 'pageup')));
  const before = draw(transcript, frame.view).text.split('─')[0];
  assert.doesNotMatch(before ?? '', /answer 59/);
  for (let turn = 60; turn < 90; turn += 1) hear(transcript, told(`words ${turn}`), said(`answer ${turn}`, turn));
  const later = draw(transcript, frame.view);
  assert.equal(later.text.split('─')[0], before);
  assert.match(later.text, /\d+ lines below/);
  assert.match(draw(transcript, press(later.frame.view, later.frame, 'C-end')).text, /answer 89\n─/);
  const top = draw(transcript, press(later.frame.view, later.frame, 'C-home'));
  assert.match(top.text, /^\n?› words 0\n/);
});

test('a question waits until it is answered, and is a line afterwards', () => {
  const transcript = newTranscript(plainCode);
  const exact = {
    command: 'rm -r x',
    directory: '/x',
    summary: 'rm -r x',
    files: [],
    reads: [],
    digest: 'd',
    environment: {},
  };
  const asked = {
    ...{ type: 'approval.requested', approval: 'abc23', agent: 'agent', call: 'a', exact, rule: 'it deletes' },
    ...{ risk: 'beyond', deadline: '2026-11-20T13:00:00Z', default: 'deny' },
  } as unknown as EventBody;
  hear(transcript, told('go'), asked);
  assert.equal(openQuestions(transcript).length, 1);
  assert.match(draw(transcript, firstChatView([])).text, /asks to run[\s\S]*rm -r x[\s\S]*\[y\]es once[\s\S]*\n\? /);
  hear(transcript, {
    type: 'approval.answered',
    approval: 'abc23',
    agent: 'agent',
    answer: 'deny',
    scope: 'once',
    by: 'vtcode deny',
    reason: 'no',
  });
  assert.equal(openQuestions(transcript).length, 0);
  assert.match(draw(transcript, firstChatView([])).text, /▸ denied by vtcode deny: no: rm -r x\n─/);
});

test('a terminal of any size shows the view cell by cell, and no control character, whatever was said', async () => {
  const terminal = emulatedTerminal(80, 24);
  const nothing = { paste() {}, resize() {}, scrolled() {}, gone() {} };
  const screen = await openScreen(terminal.terminal, 'colours', nothing);
  const panes = openChatPanes(screen, { key() {}, body: {}, menu: {} });
  let size = { width: 80, height: 24 };
  const next = random(7);
  const pick = <One>(from: readonly One[]) => from[Math.floor(next() * from.length)] as One;
  const texts = [
    'plain',
    'a\nb',
    '漢字 🚀 👩‍👩‍👧',
    '\x1b[2J\x9b1A\u202e',
    '```ts\nconst a = 1;',
    '| a | b |\n|---|',
    'x'.repeat(500),
    '',
    '> '.repeat(40),
  ];
  for (let round = 0; round < 15; round += 1) {
    const transcript = newTranscript(plainCode);
    let view = firstChatView(['before']);
    for (let turn = 0; turn < 40; turn += 1) {
      const call = `c${turn}`;
      const events = [
        () => hear(transcript, told(pick(texts))),
        () => hear(transcript, said(pick(texts), turn, pick(texts))),
        () => hearPiece(transcript, 'agent', pick(texts), 'text'),
        () =>
          hear(
            transcript,
            requested(
              call,
              pick(['run_command', 'search', 'delegate']),
              { command: pick(texts), role: 'x' },
              pick(['agent', 'you', 'agent/1']),
            ),
          ),
        () => hearPiece(transcript, pick(['agent', 'you']), pick(texts), 'output'),
        () =>
          hear(transcript, finished(`c${turn - 1}`, 'run_command', pick(texts), next() < 0.5, pick(['agent', 'you']))),
        () =>
          hear(transcript, {
            type: 'agent.finished',
            agent: 'agent',
            life: 1,
            handoff: { outcome: pick(['done', 'cannot']), summary: pick(texts) },
          }),
      ];
      pick(events)();
      if (turn % 5 === 0) {
        size = { width: 40 + Math.floor(next() * 100), height: 10 + Math.floor(next() * 40) };
        terminal.resize(size.width, size.height);
      }
      const { frame } = draw(transcript, view, size);
      const lines = linesOf(frame);
      assert.equal(lines.length, size.height);
      for (const one of lines) assert.doesNotMatch(textOf(one), /[\x00-\x1f\x7f-\x9f\u202e]/);
      panes.show(frame);
      const expected = lines.map((one) => textOf(fitLine(one, size.width)).trimEnd());
      assert.deepEqual(await terminal.lines(), expected);
      view = press(
        frame.view,
        frame,
        pick(['pageup', 'pagedown', 'C-o', 'M-up', 'M-down', 'return', 'f1', 'x', 'up', 'C-end', 'escape']) as string,
      );
    }
  }
  screen.end();
});
