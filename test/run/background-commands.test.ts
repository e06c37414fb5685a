import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { listProcesses } from '../../supervisor/process-tree.ts';
import { eventsOf } from '../support/called.ts';
import { endState, eventsIn, untilLogged } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { commandOf, eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { jsonLines } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: a command in the background runs beside its agent, is read, written to and stopped by its id, and ends with it.
 * Method: the real program against a scripted model; a server of Node as the command.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(async () => {
  await server.stop();
  await endState(vtcode);
});

type Turn = NonNullable<Reply['answer']>;
const call = (name: string, given: unknown): Turn => ({ calls: [{ name, arguments: given }] });
const run = (line: string, more = {}) => call('run_command', { command: line, ...more });

/** A folder with a web server that says its port and logs each path, and a model that takes these turns. */
function place(...turns: Turn[]): string {
  const path = temporaryFolder('background-commands');
  writeFileSync(
    join(path, 'serve.cjs'),
    `require('node:http').createServer((q, r) => { console.log('asked', q.url); r.end('hello from ' + q.url); })
      .listen(8123, '127.0.0.1', () => console.log('ready'));`,
  );
  writeFileSync(
    join(path, 'get.cjs'),
    `const ask = (left) => fetch('http://127.0.0.1:8123/page').then((r) => r.text()).then(console.log, () =>
      left > 0 ? setTimeout(ask, 50, left - 1) : console.log('down'));
     ask(Number(process.argv[2]));`,
  );
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: turns[said] ?? { text: 'Well.' } };
  });
  return path;
}

function results(): string[] {
  return messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
}

/** Processes of this machine whose command line holds a mark. */
const running = (mark: string) =>
  listProcesses().filter(({ pid, state }) => state !== 'Z' && commandOf(pid).includes(mark));

test('a server is started, asked on its own loopback, read and stopped; then it is gone', async () => {
  const path = place(
    run('node serve.cjs', { background: true }),
    run('node get.cjs 200'),
    call('command', { action: 'read', id: 'c1' }),
    call('command', { action: 'list' }),
    call('command', { action: 'stop', id: 'c1' }),
    run('node get.cjs 0'),
    call('command', { action: 'read', id: 'c9' }),
  );
  const called = await vtcode.call(['run', 'serve it', '--auto', '--json', '-C', path]);
  const [started, got, read, list, stopped, down, unknown] = results();
  assert.match(`${started}${read}`, /^c1: running\n[\s\S]*ready/, called.stderr);
  assert.match(got ?? '', /^exit 0\nhello from \/page/);
  assert.match(read ?? '', /^c1: running\n(ready\n)?asked \/page/);
  assert.equal(list, 'c1: running: node serve.cjs');
  assert.match(stopped ?? '', /^c1: ended by SIGKILL/);
  assert.match(down ?? '', /down/);
  assert.match(unknown ?? '', /no command 'c9' of yours \(yours: c1\)/);
  const told = eventsOf(called).filter(({ type }) => /^command\./.test(String(type)));
  assert.deepEqual(
    told.map(({ type, id, how }) => [type, id, how]),
    [
      ['command.started', 'c1', undefined],
      ['command.ended', 'c1', 'ended by SIGKILL'],
    ],
  );
});

test('a command that reads gets lines, each judged by the gate as a line of its own', async () => {
  const path = place(
    run('cat', { background: true }),
    call('command', { action: 'write', id: 'c1', text: 'ls' }),
    call('command', { action: 'read', id: 'c1', wait_seconds: 20 }),
    call('command', { action: 'write', id: 'c1', text: 'curl https://example.org' }),
  );
  await vtcode.call(['run', 'talk', '--auto', '-C', path]);
  const [, written, read, refused] = results();
  assert.deepEqual([written, read], ['c1: written', 'c1: running\nls\n']);
  assert.match(refused ?? '', /Refused .*another machine/);
});

test('a command ends with its agent', async () => {
  const mark = `9${process.pid}`;
  const path = place(run(`sleep 1${mark}`, { background: true }));
  const called = await vtcode.call(['run', 'sleep', '--auto', '--json', '-C', path]);
  assert.equal(called.code, 0, called.stderr);
  assert.ok(await eventually(() => running(`sleep 1${mark}`).length === 0, 10_000));
});

test('in a conversation it goes on over turns, and ends with the conversation', async () => {
  const mark = `7${process.pid}`;
  const path = place(
    run(`node serve.cjs ${mark}`, { background: true }),
    { text: 'It is up.' },
    run('node get.cjs 200'),
    call('command', { action: 'read', id: 'c1' }),
  );
  const called = await vtcode.call(['chat', '--auto', '-C', path], { input: 'start it\nask it\n' });
  assert.equal(called.code, 0, called.stderr);
  const [, got, read] = results();
  assert.match(got ?? '', /^exit 0\nhello from \/page/);
  assert.match(read ?? '', /^c1: running\n(ready\n)?asked \/page/);
  assert.ok(await eventually(() => running(`serve.cjs ${mark}`).length === 0, 10_000));
});

test('vtcode ps shows it; after kill -9 of the host it is gone, and its agent hears so', async () => {
  const mark = `8${process.pid}`;
  const path = place();
  let isKilled = false;
  const turns = [run(`sleep 1${mark}`, { background: true }), call('command', { action: 'read', id: 'c1' })];
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    if (said === 1 && !isKilled) return { pieces: () => ['hang'] };
    return { answer: turns[said] ?? { text: 'Well.' } };
  });
  const child = vtcode.start(['run', 'sleep', '--auto', '--json', '-C', path]);
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await eventually(() => stdout.includes('command.started'), 20_000);
  const { run: id } = jsonLines(stdout.slice(0, stdout.indexOf('\n') + 1))[0] as { run: string };
  await untilLogged(vtcode, id, ({ type }) => type === 'tool.finished');
  const ps = await vtcode.call(['ps']);
  assert.match(ps.stdout, new RegExp(`agent c1 .*running.*sleep 1${mark}`));
  child.kill('SIGKILL');
  await ended;
  assert.ok(await eventually(() => running(`sleep 1${mark}`).length === 0, 10_000), 'nothing is left');
  isKilled = true;
  const resumed = await vtcode.call(['resume', id]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(results().at(-1) ?? '', /^Error: c1: ended with the host that ran it/);
  assert.equal(eventsIn(vtcode, id).filter(({ type }) => type === 'command.started').length, 1);
});
