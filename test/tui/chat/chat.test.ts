import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasMark, listProcesses } from '../../../supervisor/process-tree.ts';
import { type Received, startModelServer } from '../../support/model-server.ts';
import { commandOf, eventually } from '../../support/processes.ts';
import { makeRepository, temporaryFolder } from '../../support/repository.ts';
import { messagesOf, textOf, toolNames, useModel, writeSettings } from '../../support/scripted-run.ts';
import { isRestored, skip, startAtTerminal, type Terminal } from '../../support/terminal.ts';
import { testVtcode } from '../../support/vtcode.ts';

/**
 * Goal: a person can do everything in a conversation that the screen says, and the screen never lies and never breaks.
 * Method: the real program in a real terminal (tmux), against a scripted model; keys in, pictures out.
 */
const vtcode = testVtcode();
const evil = 'EVIL \x1b]0;owned\x07\x1b[2J\x1b[31m\x9b5A\u202e漢字🚀';
const markdown = '# Heading\n\nSome **bold** and `code`:\n\n```ts\nconst answer: number = 42;\n```\n\n- one\n- two\n';
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());
/** Whether those who wait are to wait on. */
let isHeld = true;
const release = () => {
  isHeld = false;
};

const calls: Record<string, { name: string; arguments: Record<string, unknown> }[]> = {
  change: [
    { name: 'read_file', arguments: { path: 'a.txt' } },
    { name: 'edit_file', arguments: { path: 'a.txt', old_text: 'forty-two', new_text: 'forty-three' } },
  ],
  ask: [{ name: 'run_command', arguments: { command: './own-program --now' } }],
  forbidden: [{ name: 'read_file', arguments: { path: 'nowhere.txt' } }],
  slow: [{ name: 'run_command', arguments: { command: 'echo begun && sleep 100' } }],
};

async function answer(request: Received) {
  const messages = messagesOf(request);
  const said = messages.findLast(({ role }) => role === 'user');
  const words = textOf(said).split('\n').at(-1) ?? '';
  if (toolNames(request).includes('finish'))
    return { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: `helped: ${words}` } }] } };
  if (messages.at(-1) === said && calls[words]) return { answer: { text: 'Let me look.', calls: calls[words] } };
  while (words === 'wait' && isHeld) await sleep(20);
  if (words === 'evil') return { answer: { text: evil } };
  if (words === 'markdown')
    return { answer: { thinking: 'First thought.\nSecond thought.', text: markdown }, eventDelayMs: 5 };
  return { answer: { text: `I heard: ${words}` } };
}
beforeEach(() => {
  isHeld = true;
  server.answerWith(answer);
});
after(() => release());

function start(t: TestContext, words: string[], size = {}, environment = {}): Terminal {
  t.after(() => release());
  return startAtTerminal(t, words, { environment: { ...vtcode.environment, ...environment }, height: 36, ...size });
}

function folder(): string {
  const path = temporaryFolder('talk');
  writeFileSync(join(path, 'a.txt'), 'forty-two\n');
  return path;
}

/** A vtcode that plans and works by rule, and talks with the scripted model. */
function mechanical() {
  const embedded = testVtcode();
  const roles = ['planner', 'coder'].map((role) => `[roles.${role}]\nmodels = ["embedded"]\n`).join('');
  const acme = `[providers.acme]\nbase_url = "${server.baseUrl('openai-chat')}"\nformat = "openai-chat"\n`;
  const general = '[providers.acme.models.big]\ncontext_tokens = 100000\n[roles.general]\nmodels = ["acme/big"]\n';
  writeSettings(embedded, `${acme}${general}${roles}`);
  return embedded;
}

const says = (terminal: Terminal, words: string) => {
  terminal.type(words);
  terminal.press('Enter');
};

/** The chat's own process in a folder. */
function pidIn(path: string): number {
  const home = join(vtcode.state, '..');
  const found = listProcesses().find(({ pid, state }) => {
    return state !== 'Z' && hasMark(pid, 'XDG_STATE_HOME', home) && commandOf(pid).endsWith(`chat -C ${path}`);
  });
  return found?.pid ?? 0;
}

test('words stream, markdown is drawn, calls fold and unfold, and what was thought is folded', { skip }, async (t) => {
  const path = folder();
  const terminal = start(t, ['chat', '-C', path]);
  await terminal.sees(/Say what to do, and press Enter/);
  says(terminal, 'markdown');
  await terminal.sees(
    /› markdown[\s\S]*▸ thought: First thought[\s\S]*Heading\n[\s\S]*Some bold and code:\n[\s\S]*const answer[\s\S]*• one\n/,
  );
  await terminal.sees(/ready · acme\/big · context \d+% of 100k · \$0\.0\d+ · asks/);
  assert.doesNotMatch(terminal.screen(), /\*\*|```|Second thought/);
  says(terminal, 'change');
  await terminal.sees(/Let me look\.\n {2}▸ ✓ read a\.txt\n {2}▸ ✓ edit a\.txt\n\n? *I heard/);
  assert.equal(readFileSync(join(path, 'a.txt'), 'utf8'), 'forty-three\n');
  terminal.press('C-o');
  await terminal.sees(/▾ ✓ edit a\.txt\n[\s\S]*- forty-two\n[\s\S]*\+ forty-three/);
  terminal.press('C-o');
  await eventually(() => !terminal.screen().includes('+ forty-three'), 15_000);
  terminal.press('M-Up', 'Enter');
  await terminal.sees(/▸ ✓ read a\.txt\n {2}▾ ✓ edit a\.txt/);
  terminal.press('Escape');
  await sleep(100);
  says(terminal, 'forbidden');
  await terminal.sees(/▸ ✗ read nowhere\.txt\n\s+\S/);
  says(terminal, 'evil');
  await terminal.sees(/EVIL .\]0;owned/);
  terminal.press('C-d');
  await isRestored(terminal);
  assert.match(terminal.screen(), /Left run_\w+\. Go on with: vtcode chat --continue/);
  assert.equal(/\x1b\]0;|\x1b\[31m\x9b|\x9b|\u202e/.test(terminal.raw()), false);
});

test('a call that waits is answered where one writes; what was being written waits meanwhile', { skip }, async (t) => {
  const terminal = start(t, ['chat', '-C', folder()]);
  await terminal.sees(/Say what to do/);
  server.answerWith(async (request) => {
    if (textOf(messagesOf(request).at(-1)) === 'ask') await sleep(1_500);
    return answer(request);
  });
  says(terminal, 'ask');
  await terminal.sees(/working/);
  terminal.type('yes I was writing');
  await terminal.sees(/asks to run[\s\S]*\.\/own-program --now[\s\S]*\[y\]es once/);
  says(terminal, ' please do');
  await terminal.sees(/That is no answer; \w+ still waits/);
  says(terminal, 'no, not today');
  await terminal.sees(/denied by terminal: not today/);
  await terminal.sees(/▸ ✗ \$ \.\/own-program --now/);
  await terminal.sees(/› yes I was writing/);
});

test('Escape interrupts a turn and the command in it; words while it works are heard with its next step', {
  skip,
}, async (t) => {
  const path = folder();
  const terminal = start(t, ['chat', '--auto', '-C', path]);
  await terminal.sees(/Say what to do/);
  says(terminal, 'slow');
  await terminal.sees(/… \$ echo begun && sleep 100[\s\S]*begun[\s\S]*working \d+s/);
  const sleeps = () => listProcesses().filter(({ pid }) => commandOf(pid) === 'sleep 100' && hasMark(pid, 'PWD', path));
  assert.ok(await eventually(() => sleeps().length > 0, 15_000));
  terminal.press('Escape');
  await terminal.sees(/· interrupted[\s\S]*ready/);
  assert.ok(await eventually(() => sleeps().length === 0, 15_000), 'the command has ended');
  // What it had come to stays to be read.
  terminal.press('C-o');
  await terminal.sees(/▾ ✗ \$ echo begun && sleep 100\n\s+begun\n\s+interrupted/);
  says(terminal, 'wait');
  await terminal.sees(/working/);
  says(terminal, 'and this too');
  await terminal.sees(/› and this too/);
  release();
  await terminal.sees(/I heard: and this too/);
  says(terminal, '!echo mine; exit 3');
  await terminal.sees(/✗ \$ echo mine; exit 3\n\s+exit 3\n\s+mine/);
  says(terminal, '@explorer find it');
  await terminal.sees(/✓ explorer: find it/);
  says(terminal, 'so');
  await terminal.sees(/I heard: so/);
  assert.match(textOf(messagesOf(server.requests.at(-1)!).findLast(({ role }) => role === 'user')), /helped: find it/);
});

test('the composer completes files and commands, takes new lines, remembers, and takes a megabyte', {
  skip,
}, async (t) => {
  const path = folder();
  writeFileSync(join(path, 'long-name-here.md'), '');
  const terminal = start(t, ['chat', '-C', path]);
  await terminal.sees(/Say what to do/);
  terminal.type('see @lonh');
  await terminal.sees(/@long-name-here\.md\n─/);
  terminal.press('Tab');
  terminal.press('C-j');
  says(terminal, 'second line');
  await terminal.sees(/› see @long-name-here\.md\n {2}second line\n/);
  await terminal.sees(/I heard: second line/);
  terminal.press('Up');
  await terminal.sees(/─\n› see @long-name-here\.md\n {2}second line/);
  terminal.press('C-u', 'BSpace', 'C-u');
  terminal.type('/co');
  await terminal.sees(/\/cost {2,}what the conversation/);
  terminal.press('Tab', 'Enter');
  await terminal.sees(/Cost\n[\s\S]*of at most \$/);
  says(terminal, '/nothing');
  await terminal.sees(/There is no \/nothing/);
  terminal.press('F1');
  await terminal.sees(/Keys\n[\s\S]*Ctrl\+B/);
  terminal.press('x');
  for (const marked of [true, false]) {
    terminal.paste(`begin ${'pasted text 漢字 '.repeat(60_000)} end`, marked);
    await terminal.sees(/pasted text/);
    await sleep(1_000);
    terminal.press('C-c');
    await terminal.sees(/› {2}say what to do/);
  }
  assert.equal(server.requests.filter((request) => request.text.includes('pasted text')).length, 0);
  says(terminal, 'still here');
  await terminal.sees(/I heard: still here/);
});

test('a storm of new sizes leaves a whole picture', { skip }, async (t) => {
  const terminal = start(t, ['chat', '-C', folder()]);
  await terminal.sees(/Say what to do/);
  says(terminal, 'markdown');
  await terminal.sees(/• two/);
  for (let turn = 0; turn < 40; turn += 1) terminal.resize(40 + ((turn * 37) % 160), 10 + ((turn * 11) % 50));
  for (const [width, height] of [
    [40, 10],
    [200, 60],
    [80, 24],
  ] as const) {
    terminal.resize(width, height);
    const isWhole = () => {
      const lines = terminal.screen().split('\n').slice(0, height);
      return lines.at(-4) === '─'.repeat(width) && (lines.at(-2) ?? '').startsWith(' ready');
    };
    assert.ok(await eventually(isWhole, 10_000), terminal.screen());
  }
});

test('a plan is made beside the conversation, looked at, accepted there, and its result is heard', {
  skip,
}, async (t) => {
  const { root: path } = makeRepository({
    'src/a.ts': 'export function first(): number {\n  return 1;\n}\n',
    'tsconfig.json': '{}',
  });
  const embedded = mechanical();
  const terminal = startAtTerminal(t, ['chat', '-C', path], { environment: embedded.environment, height: 50 });
  t.after(() => embedded.call(['service', 'status']).catch(() => {}));
  await terminal.sees(/Say what to do/);
  says(terminal, '/plan rename first to second');
  await terminal.sees(/The plan of run_\w+\n[\s\S]*Plan: rename first to second[\s\S]*Run this plan\? \[y\]es/);
  says(terminal, 'y');
  await terminal.sees(/run_\w+ has ended\n[\s\S]*DONE[\s\S]*vtcode apply/);
  assert.equal(terminal.screen().split('vtcode apply').length, 2, 'it is told once');
  terminal.press('C-d');
  await isRestored(terminal);
});

test('a plan is edited before it is accepted, and another is made of it', { skip }, async (t) => {
  const { root: path } = makeRepository({
    'src/a.ts': 'export function first(): number {\n  return 1;\n}\n',
    'tsconfig.json': '{}',
  });
  const folder = temporaryFolder('editor');
  writeFileSync(join(folder, 'edit.sh'), `sed -i 's/^title = .*/title = "Renamed by hand"/' "$1"\n`);
  const environment = { ...mechanical().environment, EDITOR: `sh ${join(folder, 'edit.sh')}` };
  const terminal = startAtTerminal(t, ['chat', '-C', path], { environment, height: 50 });
  await terminal.sees(/Say what to do/);
  says(terminal, '/plan rename first to second');
  await terminal.sees(/Run this plan\? \[y\]es/);
  const [first] = /run_\w+/.exec(terminal.screen()) ?? [];
  says(terminal, 'e');
  await terminal.sees(/Renamed by hand[\s\S]*Run this plan\?/);
  assert.ok(
    await eventually(() => new RegExp(`${first} has ended`).test(terminal.screen()), 15_000),
    terminal.screen(),
  );
  says(terminal, 'no, it was only a trial');
  await terminal.sees(/was declined/);
  assert.ok(await eventually(() => !/⧗/.test(terminal.screen()), 15_000), terminal.screen());
});

test('another model is asked when the person says so, and the conversation is summed up when they want it', {
  skip,
}, async (t) => {
  const path = folder();
  const other = '[providers.acme.models.small]\ncontext_tokens = 50000\n';
  useModel(vtcode, server, 'openai-chat', '', 100_000, other);
  t.after(() => useModel(vtcode, server));
  const terminal = start(t, ['chat', '-C', path]);
  await terminal.sees(/Say what to do/);
  for (const words of ['one', 'two', 'three']) {
    says(terminal, words);
    await terminal.sees(new RegExp(`I heard: ${words}[\\s\\S]*ready`));
  }
  says(terminal, '/model');
  await terminal.sees(/asked first acme\/big[\s\S]*acme\/small/);
  // Said at once, one is done after the other.
  says(terminal, '/model acme/other');
  says(terminal, '/model acme/small');
  await terminal.sees(/acme\/small is asked from now on/);
  says(terminal, '/compact');
  await terminal.sees(/summed up before the next answer/);
  server.requests.length = 0;
  server.answerWith((request) => {
    if (!toolNames(request).includes('hand_off')) return answer(request);
    const handOff = {
      goal: 'counting',
      done: ['one', 'two', 'three'],
      decisions: [],
      files: [],
      failures: [],
      next: [],
      open_questions: [],
    };
    return { answer: { calls: [{ name: 'hand_off', arguments: handOff }] } };
  });
  says(terminal, 'four');
  await terminal.sees(/compacted into a hand-off[\s\S]*I heard: four[\s\S]*acme\/small · context \d+% of 50/);
  assert.deepEqual(
    server.requests.map(({ body }) => body.model),
    ['small', 'small'],
  );
  assert.match(server.requests.at(-1)?.text ?? '', /counting/);
});

test('Ctrl+B with nothing written gives the turn that is under way to the background', { skip }, async (t) => {
  const path = folder();
  const terminal = start(t, ['chat', '-C', path]);
  await terminal.sees(/Say what to do/);
  says(terminal, 'wait');
  await terminal.sees(/working/);
  terminal.press('C-b');
  await terminal.sees(/interrupted[\s\S]*run_\w+ works in the background: wait[\s\S]*ready/);
  says(terminal, 'meanwhile');
  await terminal.sees(/I heard: meanwhile/);
  release();
  await terminal.sees(/run_\w+ has ended[\s\S]*I heard: wait/);
});

test('what is sent to the background goes on without the screen, and is told when it is looked at again', {
  skip,
}, async (t) => {
  const path = folder();
  const terminal = start(t, ['chat', '-C', path]);
  await terminal.sees(/Say what to do/);
  says(terminal, 'hello');
  await terminal.sees(/I heard: hello/);
  terminal.type('wait');
  terminal.press('C-b');
  await terminal.sees(/run_\w+ works in the background: wait/);
  await terminal.sees(/⧗ run_\w+: at work/);
  terminal.press('C-d');
  await isRestored(terminal);
  const isAsked = () => server.requests.some((request) => textOf(messagesOf(request).at(-1)) === 'wait');
  assert.ok(await eventually(isAsked, 15_000));
  release();
  const again = start(t, ['chat', '--continue', '-C', path]);
  await again.sees(/run_\w+ has ended\n[\s\S]*I heard: wait/);
  says(again, 'and?');
  await again.sees(/I heard: and\?/);
  const heard = textOf(messagesOf(server.requests.at(-1)!).findLast(({ role }) => role === 'user'));
  assert.match(
    heard,
    /I started (run_\w+) in the background: wait[\s\S]*What became of \1:[\s\S]*I heard: wait[\s\S]*and\?$/,
  );
});

test('a killed screen loses nothing: it shows the same again; turns are taken back with the files', {
  skip,
}, async (t) => {
  const path = folder();
  const terminal = start(t, ['chat', '-C', path]);
  await terminal.sees(/Say what to do/);
  says(terminal, 'hello');
  await terminal.sees(/I heard: hello/);
  says(terminal, 'change');
  await terminal.sees(/✓ edit a\.txt[\s\S]*I heard/);
  await terminal.sees(/ready/);
  const shown = terminal.screen().split('─')[0];
  process.kill(pidIn(path), 'SIGKILL');
  await terminal.sees(/ended 137/);
  const resumed = start(t, ['--continue', '-C', path]);
  await resumed.sees(/✓ edit a\.txt[\s\S]*I heard/);
  assert.equal(resumed.screen().split('─')[0], shown);
  says(resumed, '/rewind');
  await resumed.sees(/Go back to before[\s\S]* 2 {2}\d\d:\d\d {2}change\n[\s\S]* 1 {2}\d\d:\d\d {2}hello/);
  resumed.press('Enter');
  await resumed.sees(/Files brought back: a\.txt\.[\s\S]*› change/);
  assert.equal(readFileSync(join(path, 'a.txt'), 'utf8'), 'forty-two\n');
  resumed.press('C-c');
  says(resumed, '/undo');
  await resumed.sees(/No file differed[\s\S]*› hello/);
  resumed.press('C-c');
  says(resumed, '/resume');
  await resumed.sees(/Go on with[\s\S]*2 turns {2}hello/);
  resumed.press('Escape');
});
