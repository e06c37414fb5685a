import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertRefused, endOf, eventsOf } from '../support/called.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: `vtcode ask` and `vtcode run` without a plan do what a person expects of one agent in their folder.
 * Method: the real program against a scripted model on loopback; every answer follows from the conversation alone.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

function folder(files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'vtcode-lone-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

type Turn = NonNullable<Reply['answer']>;

/** Answers the n-th request of a conversation with the n-th turn: turns are counted in the conversation itself. */
function turns(...all: Turn[]) {
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: all[said] ?? { text: 'There is nothing more to say.' } };
  });
}

test('ask gives the answer alone on standard output, and what was done on standard error', async () => {
  const place = folder({ 'a.txt': 'forty-two\n' });
  turns({ text: 'Let me look.', calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] }, { text: 'It is 42.' });
  const called = await vtcode.call(['ask', 'what does a.txt say?', '-C', place]);
  assert.deepEqual({ code: called.code, stdout: called.stdout }, { code: 0, stdout: 'It is 42.\n' }, called.stderr);
  assert.match(called.stderr, /model acme\/big: as agents\.toml says/);
  assert.match(called.stderr, /· read_file a\.txt/);
  assert.match(called.stderr, /DONE {2}\(.*2 model calls, 240 tokens, \$0\.0006\)/);
  assert.equal(textOf(messagesOf(server.requests.at(-1)!).at(-1)), 'forty-two');
});

test('ask only reads: it is offered no tool that writes, and one it asks for all the same is refused', async () => {
  const place = folder({ 'a.txt': 'old\n' });
  turns({ calls: [{ name: 'write_file', arguments: { path: 'a.txt', content: 'new\n' } }] }, { text: 'I may not.' });
  const called = await vtcode.call(['ask', 'change it', '-C', place]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(readFileSync(join(place, 'a.txt'), 'utf8'), 'old\n');
  const offered = toolNames(server.requests.at(-1)!);
  assert.ok(offered.includes('read_file') && !offered.some((name) => /edit|write|run_command|rename/.test(name)));
  assert.match(called.stderr, /There is no tool write_file for you/);
});

test('run works in the folder itself, git or not, and what it ran is told', async () => {
  const place = folder({ 'a.txt': 'old\n' });
  turns(
    { calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] },
    { calls: [{ name: 'edit_file', arguments: { path: 'a.txt', old_text: 'old', new_text: 'new' } }] },
    { calls: [{ name: 'run_command', arguments: { command: 'test -t 1 || echo piped', terminal: true } }] },
    { calls: [{ name: 'run_command', arguments: { command: 'cat a.txt' } }] },
    { text: 'Done: a.txt says new.' },
  );
  const called = await vtcode.call(['run', 'make a.txt say new', '-C', place, '--json']);
  assert.equal(called.code, 0, called.stdout.slice(-2000));
  assert.equal(readFileSync(join(place, 'a.txt'), 'utf8'), 'new\n');
  const heard = messagesOf(server.requests.at(-1)!).map(textOf);
  assert.match(heard.at(-1) ?? '', /exit 0\nnew/);
  const isPiped = heard.some((text) => /\npiped$/m.test(text));
  assert.equal(isPiped, heard.join('').includes('there are no terminals here'), 'it asked for a terminal');
  const { manifest } = endOf(called);
  assert.deepEqual(
    { outcome: manifest?.outcome, reason: manifest?.reason, models: manifest?.models },
    { outcome: 'done', reason: 'Done: a.txt says new.', models: { 'acme/big': 5 } },
  );
});

test('what leads out of the folder and .git are never written', async () => {
  const repository = sampleRepository();
  const outside = folder();
  turns(
    {
      calls: [
        { name: 'write_file', arguments: { path: '.git/hooks/pre-commit', content: 'x' } },
        { name: 'write_file', arguments: { path: join(outside, 'x'), content: 'x' } },
        { name: 'run_command', arguments: { command: `echo x > ${join(outside, 'y')}` } },
        { name: 'run_command', arguments: { command: 'echo x > .git/hooks/post-commit' } },
        { name: 'run_command', arguments: { command: 'rm -rf src' } },
      ],
    },
    { text: 'Refused, all of it.' },
  );
  const called = await vtcode.call(['run', 'write everywhere', '-C', repository.root, '--json']);
  assert.equal(called.code, 0, called.stderr);
  assert.ok(!existsSync(join(repository.root, '.git/hooks/pre-commit')));
  assert.ok(!existsSync(join(repository.root, '.git/hooks/post-commit')));
  assert.ok(!existsSync(join(outside, 'x')) && !existsSync(join(outside, 'y')));
  assert.ok(existsSync(join(repository.root, 'src/user.ts')));
  repository.remove();
});

test('an agent that is killed between two calls goes on with resume, and no edit is made twice', async () => {
  const place = folder({ 'a.txt': 'one\n' });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let waits = true;
  const reached = new Promise<void>((resolve) => {
    server.answerWith(async (request) => {
      const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
      if (said === 0)
        return {
          answer: {
            calls: [{ name: 'edit_file', arguments: { path: 'a.txt', old_text: 'one', new_text: 'one one' } }],
          },
        };
      if (waits) {
        resolve();
        await held;
      }
      return { answer: { text: 'Done.' } };
    });
  });
  const child = vtcode.start(['run', 'double it', '-C', place, '--json']);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await reached;
  child.kill('SIGKILL');
  waits = false;
  release();
  const { run } = JSON.parse(output.split('\n')[0] ?? '') as { run: string };
  const resumed = await vtcode.call(['resume', run, '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(readFileSync(join(place, 'a.txt'), 'utf8'), 'one one\n');
  const abandoned = eventsOf(resumed).filter(({ type }) => type === 'model.abandoned');
  assert.equal(abandoned.length, 1, 'the call that nobody heard the end of counts as spent');
  assert.ok((endOf(resumed).manifest?.usage.usd ?? 0) > 0.1, 'the whole of what was reserved');
});

test('a call that is cut off by Ctrl+C counts what was heard of it, and resume asks again', async () => {
  const place = folder();
  let asked = 0;
  let reached = () => {};
  const begun = new Promise<void>((resolve) => {
    reached = resolve;
  });
  server.answerWith(() => {
    asked += 1;
    if (asked > 1) return { answer: { text: 'Whole.' } };
    return { pieces: (events) => [...events.slice(0, 2), 'hang'], answer: { text: ['Half ', 'of it'] } };
  });
  const child = vtcode.start(['ask', 'x', '-C', place, '--json']);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('model.granted')) setTimeout(reached, 300);
  });
  await begun;
  child.kill('SIGINT');
  await new Promise((resolve) => child.on('close', resolve));
  const events = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const cut = events.find(({ type }) => type === 'model.failed') as { usage?: { outputTokens: number; usd: number } };
  assert.ok((cut?.usage?.outputTokens ?? 99) <= 4 && (cut.usage?.usd ?? 1) < 0.01, JSON.stringify(cut));
  const resumed = await vtcode.call(['resume', String(events[0]?.run), '--json']);
  assert.equal(endOf(resumed).manifest?.reason, 'Whole.');
  assert.ok(!eventsOf(resumed).some(({ type }) => type === 'model.abandoned'));
});

test('with --worktree the folder stays as it is, and the checked work is a commit on a branch', async () => {
  const repository = sampleRepository();
  turns(
    { calls: [{ name: 'write_file', arguments: { path: 'src/new.ts', content: 'export const a = 1;\n' } }] },
    { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: 'Added.', verification: 'read it' } }] },
  );
  const called = await vtcode.call(['run', '--worktree', 'add a module', '-C', repository.root, '--json']);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(manifest?.verified, true);
  assert.ok(!existsSync(join(repository.root, 'src/new.ts')));
  assert.equal(repository.git('show', `${manifest?.branch}:src/new.ts`), 'export const a = 1;');
  repository.remove();
});

test('without any model a question is refused before anything is written, with what to do', async () => {
  const bare = vtcodeHere();
  const { PATH = '', HOME = '' } = bare.environment;
  const nobody = {
    PATH,
    HOME,
    OLLAMA_HOST: '127.0.0.1:9',
    LMSTUDIO_BASE_URL: 'http://127.0.0.1:9/v1',
    LLAMACPP_BASE_URL: 'http://127.0.0.1:9/v1',
  };
  const wanted = {
    exitCode: 2,
    code: 'key_missing',
    says: [
      /No language model is there/,
      /ANTHROPIC_API_KEY/,
      /vtcode models/,
      /What needs none: vtcode run "rename fetchUser to loadUser"/,
    ],
  };
  await assertRefused(bare, ['ask', 'what is this?', '-C', folder()], wanted, { environment: nobody });
});

test('without a key a question goes to the server that runs on this machine, and it is said which and why', async () => {
  const bare = vtcodeHere();
  const local = await startModelServer((request) =>
    request.path.endsWith('/models')
      ? { body: { data: [{ id: 'qwen3:8b' }] } }
      : { answer: { text: `From ${String(request.body.model)}.` } },
  );
  const environment = { OLLAMA_HOST: local.url.replace('http://', '') };
  const called = await bare.call(['ask', 'x', '-C', folder()], { environment });
  await local.stop();
  assert.equal(called.stdout, 'From qwen3:8b.\n', called.stderr);
  assert.match(called.stderr, /model ollama\/qwen3:8b: no vendor's key is set; Ollama answers/);
});

test('a mechanical goal needs no language model, in the folder itself too', async () => {
  const bare = vtcodeHere();
  const place = folder({ 'a.ts': 'export function oldName() {}\noldName();\n' });
  const called = await bare.call(['run', 'rename oldName to newName', '-C', place]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(readFileSync(join(place, 'a.ts'), 'utf8'), 'export function newName() {}\nnewName();\n');
});

test('an image is shown to the model with the question; what is no image is refused', async () => {
  const place = folder({ 'words.png': 'no image' });
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  writeFileSync(join(place, 'pixel.png'), Buffer.from(pixel, 'base64'));
  turns({ text: 'A pixel.' });
  useModel(vtcode, server, 'openai-chat', '', 100_000, 'images = true');
  const called = await vtcode.call(['ask', '--image', join(place, 'pixel.png'), 'what is it?', '-C', place]);
  assert.equal(called.stdout, 'A pixel.\n', called.stderr);
  assert.match(
    server.requests.at(-1)!.text,
    new RegExp(`data:image/png;base64,${pixel.slice(0, 40).replace('+', '\\+')}`),
  );
  const refused = (file: string, says: RegExp) =>
    assertRefused(vtcode, ['ask', '--image', join(place, file), 'x', '-C', place], {
      exitCode: 2,
      code: 'usage',
      says: [says],
    });
  await refused('words.png', /is no PNG, JPEG, GIF or WebP/);
  await refused('nothing.png', /There is no file/);
  useModel(vtcode, server);
  await refused('pixel.png', /sees no images/);
});

test('AGENTS.md that a person trusts is told to the agent as the repository’s own words, and a linked one is not read', async () => {
  const place = folder({ 'AGENTS.md': 'Tabs, never spaces.\n' });
  turns({ text: 'Yes.' });
  const system = () => textOf(messagesOf(server.requests.at(-1)!)[0]);
  const before = await vtcode.call(['ask', 'x', '-C', place]);
  assert.doesNotMatch(system(), /Tabs, never spaces/);
  assert.match(before.stderr, /AGENTS\.md is left out until you trust it: vtcode trust/);
  await vtcode.call(['trust', '--yes', '-C', place]);
  await vtcode.call(['ask', 'x', '-C', place]);
  assert.match(system(), /own notes.*never change the rules above:\n# AGENTS\.md\nTabs, never spaces\./s);
  const linked = folder();
  symlinkSync('/etc/hostname', join(linked, 'AGENTS.md'));
  await vtcode.call(['ask', 'x', '-C', linked]);
  assert.doesNotMatch(system(), /AGENTS\.md/);
});

test('who does not read what is done gets the answer all the same', async () => {
  turns({ text: 'Forty-two.' });
  const child = vtcode.start(['ask', 'what is it?', '-C', folder()]);
  child.stderr?.destroy();
  let answer = '';
  child.stdout?.on('data', (piece: Buffer) => {
    answer += piece.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual({ answer, code }, { answer: 'Forty-two.\n', code: 0 });
});
