import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { startInProcess } from '../../supervisor/agent-process.ts';
import { keepOutput, rawLines, rotate } from '../../supervisor/raw-output.ts';
import { temporaryFolder } from '../support/repository.ts';

/**
 * Goal: what processes print is kept, up to a bound that nobody who floods can break. Method: a real agent process prints
 * 20 MB while its files are looked at again and again; the file of a host is filled as a host does.
 */
const mb = 2 ** 20;

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    return sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

test('an agent that floods both outputs never has more than five files of 4 MiB, and its last words are there', async () => {
  const folder = temporaryFolder('flood');
  const outputFile = join(folder, 'agent.log');
  const program = join(import.meta.dirname, 'flooding-agent.ts');
  let most = 0;
  const looking = setInterval(() => {
    most = Math.max(most, statSync(outputFile, { throwIfNoEntry: false })?.size ?? 0);
  }, 5);
  const agent = await startInProcess({
    program,
    start: {},
    environment: {},
    outputFile,
    memoryMb: 512,
    redact: (line) => line,
  });
  await agent.ended.finally(() => clearInterval(looking));
  const piece = mb; // what may come at once, at most
  assert.ok(most > 0 && most <= 4 * mb + piece, `${most} bytes in one file`);
  assert.ok(bytesIn(folder) > 15 * mb && bytesIn(folder) <= 5 * (4 * mb + piece), `${bytesIn(folder)} bytes in all`);
  const printed = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const lines = new Set(printed);
  for (const line of [`out 39999 ${'x'.repeat(400)}`, 'last words', 'ü'.repeat(8_192), 'ü'.repeat(3_616)])
    assert.ok(lines.has(line), line.slice(0, 20));
});

test('a file that is full is set aside while its writer goes on, and of one far too large only the end is kept', () => {
  const file = join(temporaryFolder('host'), 'out', 'host.log');
  rotate(file); // there is none yet
  for (let turn = 0; turn < 7; turn += 1) {
    appendFileSync(file, `begin ${turn}\n${'z'.repeat((turn === 6 ? 50 : 5) * mb)}\nend ${turn}\n`);
    rotate(file);
    assert.equal(statSync(file).size, 0);
  }
  const kept = [1, 2, 3, 4].map((number) => readFileSync(`${file}.${number}`, 'utf8'));
  assert.deepEqual(
    kept.map((text) => [text.length, text.slice(0, 6), text.slice(-6)]),
    [[8 * mb, 'zzzzzz', 'end 6\n'], ...[5, 4, 3].map((turn) => [5 * mb + 15, 'begin ', `end ${turn}\n`])],
  );
  assert.equal(existsSync(`${file}.5`), false);
  appendFileSync(file, 'goes on\n');
  rotate(file);
  assert.equal(readFileSync(file, 'utf8'), 'goes on\n');
});

test('output is cut into lines wherever its pieces end', () => {
  const lines = rawLines();
  const text = Buffer.from('one\r\ntwö\nthree');
  const pieces = [...text].map((byte) => Buffer.from([byte]));
  assert.deepEqual(
    pieces.flatMap((piece) => lines.of(piece)),
    ['one', 'twö'],
  );
  assert.deepEqual(lines.rest(), ['three']);
  assert.deepEqual(lines.rest(), []);
});

test('output that finds no room is dropped, and whoever keeps it goes on', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const printed = new PassThrough();
  keepOutput([printed], '/dev/full', (line) => line);
  printed.end('one line\nand a rest');
  await once(printed, 'end');
});
