/**
 * Goal: a command with a terminal draws on it, and what is told of it is what a person would see; nothing else about a
 * command changes. Method: real hands, programs that ask for a terminal; where there is none, the same commands on pipes.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { screenText } from '../../../tools/program/terminal-text.ts';
import { handsAt, place, sh } from './hands-here.ts';

const isLinux = process.platform === 'linux';
const plain = { directory: '.', timeoutMs: 20_000 };

/** Hands here, and whether they can have terminals: with a private view of the file system, which `vtcode doctor` names. */
async function handsWithTerminals(context: Parameters<typeof handsAt>[0]) {
  const hands = await handsAt(context, place(context).policy);
  return { hands, has: hands.walls.summary.includes('private file view') };
}

test('a program that asks finds a terminal for its outputs, of a known size, and nothing to read', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  const command = 'for i in 0 1 2; do test -t $i && echo $i is one; done; stty size <&1 2>/dev/null; cat; exit 7';
  const report = await hands.run({ command, ...plain, terminal: true });
  assert.equal(report.exitCode, 7);
  if (has) assert.match(report.tail, /^1 is one\n2 is one\n/);
  else assert.match(report.tail, /^\[vtcode: there are no terminals here: it printed to a pipe\]$/);
  assert.equal((await hands.run({ command, ...plain })).tail.includes('is one'), false, 'only who wants one has one');
  const script = 'console.log(process.stdout.columns, process.stdout.rows, process.stdout.hasColors())';
  const node = `${process.execPath} -e '${script}'`;
  assert.equal(
    (await hands.run({ command: node, ...plain, terminal: true })).tail.split('\n')[0],
    has ? '120 40 true' : 'undefined undefined undefined',
  );
});

test('progress, colours, cursor moves and screens of their own are told as they were seen last', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  if (!has) return;
  const shown = async (command: string) => (await hands.run({ command, ...plain, terminal: true })).tail;
  assert.equal(await shown(`for i in 1 2 3; do printf '\\r%s %%' $i; done; echo; echo done`), '3 %\ndone\n');
  assert.equal(await shown(`printf '\\033[1;32mgreen\\033[0m 漢字🚀 \\033]0;title\\007end\\n'`), 'green 漢字🚀 end\n');
  assert.equal(await shown(`printf 'one\\ntwo\\n\\033[2A\\033[Kfirst\\033[2Bthird\\n'`), 'first\ntwo\n     third\n');
  assert.equal(await shown(`echo before; printf '\\033[?1049hinside\\033[?1049l'; echo after`), 'before\nafter\n');
  assert.equal(await shown(`echo said; printf '\\033[2J\\033[Hcleared\\n'`), 'said\ncleared\n');
  const long = 'x'.repeat(300);
  assert.equal(await shown(`echo ${long}; echo 漢${'字'.repeat(100)}`), `${long}\n漢${'字'.repeat(100)}\n`);
});

test('the file holds every byte as it came, and a person hears it as it comes', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  if (!has) return;
  const news: string[] = [];
  const onOutput = (text: string) => void news.push(text);
  const report = await hands.run({ command: `printf '\\033[31mr\\033[0m\\n'`, ...plain, terminal: true, onOutput });
  const raw = '\x1b[31mr\x1b[0m\r\n';
  assert.deepEqual([report.tail, news.join(''), report.outputBytes], ['r\n', raw, raw.length]);
  assert.equal(readFileSync(report.outputPath, 'utf8'), raw);
});

test('endless output is bounded, its end is whole, and the hands stay small', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  const command = 'yes 0123456789abcdef | head -c 100000000; echo; echo the end';
  const report = await hands.run({ command, ...plain, timeoutMs: 120_000, terminal: true });
  assert.deepEqual([report.exitCode, report.truncated], [0, true]);
  assert.ok(report.outputBytes >= 100_000_000);
  assert.ok(report.tail.length <= 20_000 + 100 && report.tail.length > 10_000);
  if (has) assert.match(report.tail, /(0123456789abcdef\n)+[0-9a-f]*\n+the end\n$/);
  const residentKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${hands.pid}/status`, 'utf8'))?.[1]);
  assert.ok(residentKb < 400_000, `${residentKb} kB`);
});

test('the deadline, a signal and a killed program end a command at its terminal, and leave nothing', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  const mark = `88${process.pid}`;
  const late = await hands.run({
    ...{ command: `printf 'half \\033[3'; (setsid sleep ${mark} &) ; sleep ${mark}`, directory: '.' },
    ...{ timeoutMs: 1_000, terminal: true },
  });
  assert.deepEqual([late.timedOut, late.signal], [true, 'SIGTERM']);
  assert.match(late.tail, /half.*\n\[vtcode: ended after 1000 ms, its deadline\]$/s);
  assert.equal((await sh(hands, `pgrep -f 'sleep ${mark}$' | wc -l`)).text.trim(), '0');
  const killed = await hands.run({ command: 'echo out; kill -9 $$', ...plain, terminal: true });
  assert.deepEqual([killed.signal, killed.tail], ['SIGKILL', has ? 'out\n' : killed.tail]);
  const abort = new AbortController();
  const begun = Promise.withResolvers<void>();
  const onOutput = (text: string) => text.includes('begun') && begun.resolve();
  const command = 'echo begun; sleep 60';
  const cut = hands.run({ command, ...plain, terminal: true, signal: abort.signal, onOutput });
  await begun.promise;
  abort.abort();
  assert.equal((await cut).signal, 'SIGKILL');
});

test('pagers turn no pages, a read from the terminal ends, and outputs can be opened again', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  if (!has) return;
  const shown = async (command: string) => (await hands.run({ command, ...plain, terminal: true })).tail;
  const pages = await shown(
    'git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one && git log',
  );
  assert.match(pages, /^commit [0-9a-f]{40}.*\n[\s\S]*one\n$/);
  assert.equal(await shown('read line <&2 2>/dev/null; echo $?'), '1\n');
  assert.equal(await shown('echo a > /dev/stderr; echo b > /dev/stdout'), 'a\nb\n');
  assert.match(await shown('head -c 1 < /dev/tty'), /No such device/);
});

test('terminals of others are out of reach', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  if (has) assert.match((await hands.run({ command: 'ls /dev/pts', ...plain })).tail, /^(ptmx\n)?$/);
  else assert.notEqual((await sh(hands, 'echo > /dev/pts/0')).code, 0);
});

test('where nobody may have a view of their own, a command prints to a pipe and says so', {
  skip: !isLinux,
}, async () => {
  const [filter, call] = ['../../run/without-call.ts', './terminal-call.ts'].map((name) =>
    join(import.meta.dirname, name),
  );
  const words = [
    filter ?? '',
    'unshare',
    '-c',
    'exec "$0" "$@"',
    process.execPath,
    call ?? '',
    'test -t 1; echo $?; exit 4',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { tail, exitCode } = JSON.parse(stdout);
  assert.deepEqual([tail, exitCode], ['1\n[vtcode: there are no terminals here: it printed to a pipe]', 4]);
});

test('a pipe tells a progress bar in its last state, and nothing else otherwise', async (context) => {
  const { hands } = await handsWithTerminals(context);
  const text = async (command: string) => (await sh(hands, command)).text;
  assert.equal(await text(`printf 'a\\n1%%\\r20%%\\r100%%\\nb\\r\\nc\\r\\r\\nd\\r'`), 'a\n100%\nb\r\nc\r\r\nd\r');
});

test('garbage in pieces is text at the end', async () => {
  const garbage = Buffer.from('\x1b[999999999;999999999H\x1bP\x1b]8;;http://x\x07\x1b[?9999h\x9b\xff\xfe\0\x07ok\x1b[');
  const { text = '' } = (await screenText(Buffer.concat([garbage, garbage]))) ?? {};
  assert.match(text, /ok/);
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

test('sequences that ask for endless work end soon, and hide nothing', async (context) => {
  const { hands, has } = await handsWithTerminals(context);
  const seen = async (command: string) => (await hands.run({ command, ...plain, terminal: true })).tail;
  for (const order of ['S', 'T', 'L', 'M', 'I', 'Z', 'b']) {
    const tail = await seen(`printf 'before\\n\\033[2147483647${order}\\033[99\\a99999999${order}after\\n'`);
    assert.ok(/before[\s\S]*after/.test(tail), order);
  }
  const tail = await seen(`yes "$(printf '\\033[40T\\033[40S')" | head -c 1000000; echo; echo after`);
  if (has) assert.ok(/^[^\x1b]*after\n\[vtcode: its terminal would take too long to draw/.test(tail), tail.slice(-200));
});
