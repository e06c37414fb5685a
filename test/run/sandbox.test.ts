/**
 * Goal: `vtcode sandbox` runs anything behind the walls, ends as it ends, and leaves nothing of it. Method: the real
 * program with real commands, hostile ones too; what is left is looked for by a word in the command lines.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses } from '../../supervisor/process-tree.ts';
import { commandOf, eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { launcher } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const linux = process.platform === 'linux';
const vtcode = vtcodeHere();
const folder = temporaryFolder('sandboxed');
after(() => {
  for (const path of [folder, join(vtcode.state, '..')]) rmSync(path, { recursive: true, force: true });
});

type Options = { input?: string; words?: string[]; signal?: NodeJS.Signals; whenRuns?: string; again?: boolean };

/** Runs a command in the sandbox; `signal` is sent when a process with `whenRuns` in its command line is there. */
async function sandbox(
  command: string[],
  { input = '', words = [], signal, whenRuns = '', again = false }: Options = {},
) {
  const child = spawn(launcher, ['sandbox', '-C', folder, ...words, '--', ...command], { env: vtcode.environment });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('close', (code, by) => resolve({ code, signal: by })),
  );
  if (signal) {
    assert.ok(await eventually(() => running(whenRuns) > 0, 15_000), 'it started');
    await sleep(100);
    child.kill(signal);
    // Not when the command is gone: then nothing hands the signal on any more.
    if (again) await eventually(() => running(whenRuns) === 0 || !child.kill(signal), 15_000);
  }
  return { ...(await ended), ...said };
}

/** How many processes have the word in their command line, besides vtcode itself. */
function running(word: string): number {
  const named = listProcesses().filter(({ pid, state }) => state !== 'Z' && commandOf(pid).includes(word));
  return named.filter(({ pid }) => !commandOf(pid).includes('sandbox -C')).length;
}

test('input, both outputs, the words as they are, and the exit status pass through', async () => {
  const script = 'read line; echo "got $line from $(basename "$PWD")"; echo "$1|$2" >&2; exit 7';
  const ran = await sandbox(['sh', '-c', script, 'sh', "it's  $HOME", '--json'], { input: 'words\n' });
  const stdout = `got words from ${folder.split('/').at(-1)}\n`;
  assert.deepEqual(ran, { code: 7, signal: null, stdout, stderr: "it's  $HOME|--json\n" });
  assert.equal((await sandbox(['sh', '-c', 'kill -9 $$'])).code, 128 + 9);
  assert.equal((await sandbox(['there-is-no-such-program'])).code, 127);
});

test('much output and much input arrive whole', async () => {
  const input = 'a line of some length, to be counted\n'.repeat(60_000);
  const { code, stdout } = await sandbox(['cat'], { input });
  assert.deepEqual([code, stdout.length], [0, input.length]);
});

test('the walls are those of an agent: the folder is writable, nothing else is, and no variable gets in', async () => {
  const outside = temporaryFolder('outside');
  after(() => rmSync(outside, { recursive: true, force: true }));
  writeFileSync(join(outside, 'secret'), 'secret');
  const script = `echo in > inside; echo out > ${outside}/new; cat ${outside}/secret; env`;
  const { stdout } = await sandbox(['sh', '-c', script]);
  assert.equal(readFileSync(join(folder, 'inside'), 'utf8'), 'in\n');
  assert.deepEqual(readdirSync(outside), ['secret']);
  assert.doesNotMatch(stdout, /^secret|XDG_STATE_HOME|VTCODE_PARENT/m);
  const reading = await sandbox(['sh', '-c', 'cat inside; echo x > other'], { words: ['--read-only'] });
  assert.notEqual(reading.code, 0);
  assert.deepEqual([reading.stdout, existsSync(join(folder, 'other'))], ['in\n', false]);
});

test('nothing that it started is left, whatever that does to hide', { skip: !linux }, async () => {
  const mark = `81${process.pid}`;
  const script = [
    `sleep ${mark} &`,
    `setsid sleep ${mark} &`,
    `(setsid env -i sh -c 'trap "" TERM HUP INT; sleep ${mark}; sleep ${mark}' &)`,
    `(setsid sh -c '(setsid sleep ${mark} &) &' &)`,
    `setsid sh -c 'kill -STOP $$; sleep ${mark}' &`,
    'sleep 0.3; exit 4',
  ].join('\n');
  const { code } = await sandbox(['sh', '-c', script]);
  assert.deepEqual([code, running(mark)], [4, 0]);
  assert.deepEqual(readdirSync(join(vtcode.state, 'sandboxes')), [], 'and no folder of it');
});

test('SIGTERM and SIGINT end it: at first politely, the second time for sure', { skip: !linux }, async () => {
  const mark = `82${process.pid}`;
  const polite = `trap 'echo asked; exit 5' INT TERM; while :; do sleep 0.0${mark}; done`;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const ran = await sandbox(['sh', '-c', polite], { signal, whenRuns: mark });
    assert.deepEqual([ran.code, ran.stdout], [5, 'asked\n'], signal);
  }
  const deaf = `trap '' INT TERM; while :; do sleep 0.0${mark}; done`;
  assert.equal((await sandbox(['sh', '-c', deaf], { signal: 'SIGTERM', whenRuns: mark, again: true })).code, 128 + 9);
  assert.equal((await sandbox(['sleep', mark], { signal: 'SIGINT', whenRuns: mark })).code, 128 + 2);
  assert.equal(running(mark), 0);
});

test('when vtcode itself is killed, the command and all it started end', { skip: !linux }, async () => {
  const mark = `83${process.pid}`;
  const script = `(setsid env -i sh -c 'trap "" TERM; sleep ${mark}; sleep ${mark}' &); sleep ${mark}`;
  assert.equal((await sandbox(['sh', '-c', script], { signal: 'SIGKILL', whenRuns: mark })).signal, 'SIGKILL');
  assert.ok(await eventually(() => running(mark) === 0, 10_000));
});

test('a terminal is a terminal inside, and nothing can be typed into it from there', {
  skip: !linux,
}, async (context) => {
  if (!existsSync('/usr/bin/script')) return context.skip('needs script(1)');
  const probe = `const { openSync } = require('node:fs'); let own;
    try { openSync('/dev/tty', 'r'); own = 'a'; } catch { own = 'no'; }
    console.log(process.stdin.isTTY, process.stdout.isTTY, own + ' controlling terminal');`;
  const line = [launcher, 'sandbox', '-C', folder, '--', process.execPath, '-e', probe].map(
    (word) => `'${word.replaceAll("'", "'\\''")}'`,
  );
  const child = spawn('/usr/bin/script', ['-qec', line.join(' '), '/dev/null'], { env: vtcode.environment });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  assert.match(said, /true true no controlling terminal/);
});

test('what is said wrongly is told, and nothing is started', async () => {
  const none = await vtcode.call(['sandbox', '-C', folder]);
  assert.deepEqual([none.code, /The command is missing/.test(none.stderr)], [2, true]);
  const broken = temporaryFolder('broken');
  after(() => rmSync(broken, { recursive: true, force: true }));
  mkdirSync(join(broken, 'sub'));
  writeFileSync(join(broken, 'agents.toml'), 'nonsense = 1\n');
  const refused = await vtcode.call(['sandbox', '-C', broken, '--', 'touch', 'made']);
  assert.deepEqual([refused.code, existsSync(join(broken, 'made'))], [2, false]);
});
