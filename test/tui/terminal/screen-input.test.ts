import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputSplitter } from '../../../tui/terminal/screen-input.ts';

/** Goal: what is pasted is never taken for keys, however it is cut. Method: by hand. */

/** The pieces of reads that come a second apart. */
const split = (reads: string[]) => {
  const next = inputSplitter();
  const pieces = reads.flatMap((read, at) => next.take(read, at * 1_000));
  return [...pieces, ...next.rest()].map(({ kind, text }) => `${kind} ${text}`);
};

test('pasted text is one piece wherever the reads cut it', () => {
  const all = 'a\x1b[200~q\x1b[Ab\x1b[201~z';
  const whole = ['keys a', 'paste q\x1b[Ab', 'keys z'];
  assert.deepEqual(split([all]), whole);
  for (let cut = 1; cut < all.length; cut += 1)
    assert.deepEqual(split([all.slice(0, cut), all.slice(cut)]), whole, `cut at ${cut}`);
});

test('each mouse event is a piece; an Escape alone is a key, and sequences that are cut are whole again', () => {
  assert.deepEqual(split(['\x1b[<0;3;4Mx\x1b[<65;1;1M']), ['mouse \x1b[<0;3;4M', 'keys x', 'mouse \x1b[<65;1;1M']);
  assert.deepEqual(split(['\x1b']), ['keys \x1b']);
  assert.deepEqual(split(['x\x1b[', 'A']), ['keys x', 'keys \x1b[A']);
  assert.deepEqual(split(['\x1b', '[A']), ['keys \x1b[A']);
  assert.deepEqual(split(['\x1b[<0;1', '2;4M']), ['mouse \x1b[<0;12;4M']);
});

test('so much at once was pasted, and so was what follows at once', () => {
  const next = inputSplitter();
  assert.deepEqual(next.take('q'.repeat(100), 0), [{ kind: 'paste', text: 'q'.repeat(100) }]);
  assert.deepEqual(next.take('Ky', 50), [{ kind: 'paste', text: 'Ky' }]);
  assert.deepEqual(next.take('q', 500), [{ kind: 'keys', text: 'q' }]);
});

test('a key that is held down after a paste is a key again, although it comes as fast as one', () => {
  const next = inputSplitter();
  next.take('words '.repeat(20), 0);
  const kinds = Array.from({ length: 10 }, (_, at) => next.take('j', 30 * (at + 1))[0]?.kind);
  assert.deepEqual(kinds, [...Array(3).fill('paste'), ...Array(7).fill('keys')]);
});
