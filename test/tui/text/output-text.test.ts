import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputLines } from '../../../tui/text/output-text.ts';
import { random } from '../../support/random.ts';

/** Goal: what a command prints to a terminal looks on a screen of ours as it would there, and steers nothing. Method: by hand, then garbage. */

/** Each line with its styles. */
const shown = (text: string) =>
  outputLines(text).map((line) =>
    line.map(({ text, style }) => (style === 'plain' ? text : `<${style}:${text}>`)).join(''),
  );

test('colours are those of the theme, and go on until they are ended', () => {
  assert.deepEqual(shown('a \x1b[32mgreen\r\nmore\x1b[0m plain\x1b[1;31mbad\x1b[39mbold\x1b[m \x1b[38;5;9;7mturned'), [
    'a <added:green>',
    '<added:more> plain<bad:bad><bold:bold> <chosen:turned>',
  ]);
});

test('a progress bar is as it was drawn last', () => {
  assert.deepEqual(shown('1%\r50%\r100%\r\ndone\r\nnext 3%\r'), ['100%', 'done', 'next 3%']);
  assert.deepEqual(shown('\x1b[32m##\x1b[0m  \r\x1b[K\x1b[33m###\x1b[0m'), ['<keyword:###>']);
});

test('no other sequence is shown, finished or not', () => {
  assert.deepEqual(shown('\x1b]0;title\x07a\x1b[2Jb\x1b(Bc\x1bPq\x1b\\d\x1b[?25le\x1b[3'), ['abcde']);
  const pieces = [
    '\x1b',
    '[',
    ']',
    '3',
    '1',
    'm',
    ';',
    '\r',
    '\n',
    '\x07',
    '\x9b',
    '\0',
    'P',
    '\\',
    '漢',
    '\x1b[38;5',
    '\u202e',
  ];
  for (let seed = 1; seed <= 500; seed++) {
    const next = random(seed);
    const text = Array.from({ length: 80 }, () => pieces[Math.floor(next() * pieces.length)]).join('');
    for (const line of outputLines(text))
      for (const { text } of line) assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f\u202e]/, `seed ${seed}`);
  }
  for (const evil of ['\x1b]', '\x1b[1;', '\x1bP', '\r', '\x1b'])
    assert.ok(outputLines(evil.repeat(100_000)).length === 1);
});
