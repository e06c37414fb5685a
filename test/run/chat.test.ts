import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Received, startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { launcher, testVtcode } from '../support/vtcode.ts';

/**
 * Goal: a conversation goes on over turns, interruptions, kills and days, and the model always sees exactly what was said.
 * Method: the real program through a pipe and at a real terminal, against a scripted model that repeats what it was told.
 */
const vtcode = testVtcode();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

/** What the model is shown, message by message: who said it, and what. */
const shown = (request = server.requests.at(-1)!) =>
  messagesOf(request)
    .slice(1)
    .map(
      (message) =>
        `${message.role}: ${textOf(message)}${message.tool_calls ? ` (${message.tool_calls.length} calls)` : ''}`,
    );

const echo = () =>
  server.answerWith((request) => ({ answer: { text: `I heard: ${textOf(messagesOf(request).at(-1))}` } }));

async function pipe(input: string, args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(launcher, args, { env: vtcode.environment, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

test('through a pipe each line is a turn, and the next call goes on with the conversation', async () => {
  const path = temporaryFolder('chat');
  echo();
  const first = await pipe('one\ntwo\n', ['chat', '-C', path]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /I heard: one\nI heard: two\nLeft run_\w+\. Go on with: vtcode chat --continue\n/);
  const again = await pipe('three\n', ['chat', '--continue', '-C', path]);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(shown(), [
    ...['user: one', 'assistant: I heard: one', 'user: two', 'assistant: I heard: two'],
    'user: three',
  ]);
  const other = await pipe('three\n', ['chat', '--continue', '--auto', '-C', path]);
  assert.deepEqual([other.code, /keeps the permissions that it began with/.test(other.stderr)], [2, true]);
  const elsewhere = await pipe('x\n', ['chat', '--continue', '-C', temporaryFolder('other')]);
  assert.deepEqual([elsewhere.code, /There is no conversation in/.test(elsewhere.stderr)], [2, true]);
});

test('a host that is killed in the middle of a turn loses nothing of the conversation', async () => {
  const path = temporaryFolder('chat');
  writeFileSync(join(path, 'a.txt'), 'forty-two\n');
  const child = spawn(launcher, ['chat', '-C', path], { env: vtcode.environment, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise((done) => child.on('close', done));
  server.answerWith(async (request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    if (said === 0) return { answer: { calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] } };
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
    return { answer: { text: `I heard: ${textOf(messagesOf(request).at(-1))}` } };
  });
  child.stdin.write('look\n');
  await ended;
  const again = await pipe('and?\n', ['chat', '--continue', '-C', path]);
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(shown(), [
    'user: look',
    'assistant:  (1 calls)',
    ...['tool: forty-two', 'assistant: I heard: forty-two', 'user: and?'],
  ]);
});

test('a person’s own commands and delegations pass the gate, wake nobody, and are heard with what is said next', async () => {
  const path = temporaryFolder('chat');
  const first = async (request: Received) => {
    const said = textOf(messagesOf(request).at(-1));
    // The agent that the person gave work to hands over by its tool.
    if (toolNames(request).includes('finish'))
      return { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'It is 42.' } }] } };
    return { answer: { text: `I heard: ${said.split('\n')[0]}` } };
  };
  server.answerWith(first);
  const before = server.requests.length;
  const said = await pipe(
    '!echo made > made.txt && cat made.txt\n!test -t 1 || echo piped\n@explorer find the answer\n! curl example.org\nhello\n',
    [...['chat', '--auto', '-C', path]],
  );
  assert.equal(said.code, 0, said.stderr);
  assert.equal(readFileSync(join(path, 'made.txt'), 'utf8'), 'made\n');
  assert.match(said.stdout, /^made$/m);
  const own = server.requests.slice(before).filter((request) => !toolNames(request).includes('finish'));
  assert.equal(own.length, 1, 'nobody was woken before hello');
  const [heard = '', ...more] = shown(own[0]);
  assert.equal(more.length, 0);
  const parts = [
    /^user: I ran this myself: echo made > made\.txt && cat made\.txt\nexit 0\nmade\n/,
    /\nI asked another agent \(explorer\): find the answer\ndone: It is 42\.\n/,
    /\nI ran this myself: curl example\.org\nRefused \(it needs a person, and nobody is there to ask\)/,
    /\nhello$/,
  ];
  for (const part of parts) assert.match(heard, part);
  assert.equal(/^piped$/m.test(heard), heard.includes('there are no terminals here'), heard);
  assert.match(JSON.stringify(own[0]?.body), /I ran this myself[^<]*<data-\w{8}>\\nexit 0/);
});

const skip = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

test('at a terminal Ctrl+C ends the turn and not the conversation, and a call that waits is answered there', {
  skip,
}, async (t) => {
  const path = temporaryFolder('chat');
  const tmux = (...words: string[]) => spawnSync('tmux', ['-S', join(path, 'socket'), ...words], { encoding: 'utf8' });
  t.after(() => {
    tmux('kill-server');
    rmSync(path, { recursive: true, force: true });
  });
  const screen = () => tmux('capture-pane', '-p', '-S', '-200').stdout;
  const until = async (words: RegExp) => assert.ok(await eventually(() => words.test(screen()), 20_000), screen());
  const type = (text: string) => {
    tmux('send-keys', '-l', text);
    tmux('send-keys', 'Enter');
  };
  server.answerWith(async (request) => {
    const last = textOf(messagesOf(request).at(-1));
    if (last === 'wait') return { pieces: () => ['hang'] };
    if (last === 'run')
      return { answer: { calls: [{ name: 'run_command', arguments: { command: './own-program' } }] } };
    return { answer: { text: `I heard: ${last.split('\n').at(-1)}` } };
  });
  const variables = Object.entries(vtcode.environment).map(([name, value]) => `${name}='${value}'`);
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '160', '-y', '60', 'sh');
  type(`env ${variables.join(' ')} '${launcher}' chat --plain -C '${path}'; echo "ended $?"`);
  await until(/^›/m);
  type('wait');
  assert.ok(await eventually(() => server.requests.some((one) => textOf(messagesOf(one).at(-1)) === 'wait'), 20_000));
  tmux('send-keys', 'C-c');
  await until(/›\s*$/);
  type('hello');
  await until(/I heard: hello/);
  type('run');
  await until(/asks to run[\s\S]*\.\/own-program[\s\S]*\[y\]es once/);
  type('absolutely not');
  await until(/That is no answer; \w+ still waits/);
  type('no, leave it');
  await until(/✗ Refused \(terminal said no: leave it\)[\s\S]*I heard: Do not try it in other words/);
  type('/cost');
  await until(/\d model calls, [\d,]+ tokens/);
  type('/quit');
  await until(/ended 0/);
});
