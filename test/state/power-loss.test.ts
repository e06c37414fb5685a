import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event, EventBody } from '../../ipc/events.ts';
import { checkChain } from '../../state/audit-chain.ts';
import { createRunLog, openRunLog } from '../../state/run-log.ts';
import { amountOf } from '../support/amount.ts';
import { temporaryFolder } from '../support/repository.ts';

/**
 * Goal: after a power loss a log holds what was written durably, and of the rest a beginning: no fault, no invented event.
 * Method: the files of a log whose writer is alive are copied as they lie, and the copy's write-ahead log is cut off, or
 * filled with zeros or rubbish, from bytes of the last transaction (in the proof: from every one) and from bytes all through it. What reaches the
 * disk when is asked of the kernel, where strace is installed.
 */
const folder = temporaryFolder('power');
// Thousands of copies are opened: where that costs no flushes, if there is such a place.
const copies = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'vtcode-power-'));
after(() => {
  for (const made of [folder, copies]) rmSync(made, { recursive: true, force: true });
});
const run = 'run_abcdefghjkmn';
const at = '2026-01-01T00:00:00.000Z';
const said = (reason: string): EventBody => ({ type: 'host.stopped', reason, exitCode: 130 });
const sizeOfWal = (path: string) => readFileSync(`${path}-wal`).length;

/** A log with a few transactions, some durable, that its writer holds open; and where each ends in the write-ahead log. */
function written() {
  const path = join(folder, 'whole.db');
  const log = createRunLog(path, run);
  log.own();
  const ends: { events: number; bytes: number; durable: boolean }[] = [];
  const append = (count: number, durable: boolean) => {
    const events = log.append(
      Array.from({ length: count }, (_, index) => said(`${ends.length}.${index}`)),
      { at, durable },
    );
    ends.push({ events: events.at(-1)!.seq, bytes: sizeOfWal(path), durable });
  };
  append(1, true);
  append(2, false);
  append(40, false);
  append(1, true);
  append(1, false);
  append(3, true);
  return { path, log, ends, events: log.read() };
}

const damages: [string, (tail: Buffer) => Buffer][] = [
  ['cut off', () => Buffer.alloc(0)],
  ['zeros', (tail) => Buffer.alloc(tail.length)],
  ['rubbish', (tail) => Buffer.from(tail.map((byte, index) => byte ^ (0x5a + (index % 7))))],
];

/** Of the last transaction each byte is tried in the proof; in the gate these, with each kind of damage in turn. */
const stride = amountOf({ gate: 4, proof: 1 });

test('wherever the newest part of the write-ahead log is lost, the durable events before it are there and nothing else', () => {
  const { path, log, ends, events } = written();
  const [wal, first, last] = [readFileSync(`${path}-wal`), ends[0]!, ends.at(-1)!];
  const before = ends.at(-2)!;
  const positions = [
    ...Array.from({ length: Math.ceil((last.bytes - before.bytes) / stride) }, (_, at) => before.bytes + at * stride),
    ...Array.from(
      { length: 400 },
      (_, index) => first.bytes + Math.floor(((before.bytes - first.bytes) * index) / 400),
    ),
  ];
  const copy = join(copies, 'copy.db');
  for (const [at, position] of positions.entries()) {
    const [what, damage] = damages[at % damages.length]!;
    copyFileSync(path, copy);
    rmSync(`${copy}-shm`, { force: true });
    writeFileSync(`${copy}-wal`, Buffer.concat([wal.subarray(0, position), damage(wal.subarray(position))]));
    const found = reopened(copy);
    const least = Math.max(...ends.filter(({ bytes }) => bytes <= position).map((end) => end.events));
    assert.deepEqual(found, events.slice(0, least), `${what} from byte ${position} of ${wal.length}`);
  }
  log.close();
});

/** What another host finds; it can go on writing. */
function reopened(path: string): Event[] {
  const log = openRunLog(path, run);
  try {
    const found = log.read();
    assert.equal(checkChain(log.rows(), []).broken, null);
    log.own();
    assert.equal(log.append([said('goes on')], { at, durable: false })[0]?.seq, found.length + 1);
    return found;
  } finally {
    log.close();
  }
}

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

test('a durable append is on disk before it returns, with all before it; another one costs no flush', {
  skip: hasStrace ? false : 'strace is not here or may not trace',
}, () => {
  const program = join(folder, 'append.ts');
  const trace = join(folder, 'trace.txt');
  mkdirSync(join(folder, 'run'));
  writeFileSync(
    program,
    `import { writeSync } from 'node:fs';
import { createRunLog } from ${JSON.stringify(join(import.meta.dirname, '..', '..', 'state', 'run-log.ts'))};
const log = createRunLog(${JSON.stringify(join(folder, 'run', 'log.db'))}, '${run}');
log.own();
for (const durable of [true, false, false, true]) {
  writeSync(1, durable ? 'durable' : 'plain');
  log.append([{ type: 'host.stopped', reason: 'x', exitCode: 130 }], { at: '${at}', durable });
}
writeSync(1, 'end');
process.kill(process.pid, 'SIGKILL');
`,
  );
  const words = ['-f', '-y', '-o', trace, '-e', 'trace=write,fsync,fdatasync', process.execPath, program];
  const traced = spawnSync('strace', words, { encoding: 'utf8' });
  assert.equal(traced.signal, 'SIGKILL', traced.stderr);
  const steps = readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const marker = /write\(1<.*"(durable|plain|end)"/.exec(line)?.[1];
      const synced = /f(?:data)?sync\(\d+<[^>]*\/run\/?([\w.-]*)>/.exec(line)?.[1];
      return marker ? [marker] : synced === undefined ? [] : [`flushed ${synced || 'folder'}`];
    });
  const from = steps.indexOf('durable');
  assert.deepEqual(steps.slice(from), [
    ...['durable', 'flushed log.db-wal', 'plain', 'plain', 'durable', 'flushed log.db-wal', 'end'],
  ]);
  // The names of both files, before anything relies on them.
  assert.deepEqual(steps.slice(0, from).at(-1), 'flushed folder');
});
