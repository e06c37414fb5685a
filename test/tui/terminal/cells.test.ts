import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from 'blessed/lib/widgets/screen.js';
import { type Colours, drawChanges, writeLine } from '../../../tui/terminal/cells.ts';
import { type Line, line, span } from '../../../tui/text/text.ts';

/** Goal: only cells that differ are drawn, each at its column, and no control character ever. Method: by hand. */

function rowOf(content: Line, colours: Colours): Cell[][] {
  const row = Array.from({ length: 12 }, (): Cell => [0x3ffff, ' ']);
  writeLine(row, content, 0, colours);
  return [row];
}

function drawn(before: Line, after: Line, colours: Colours = 'colours'): string {
  return drawChanges(rowOf(before, colours), rowOf(after, colours));
}

test('only cells that differ are drawn, in their style, and the old screen is then the new one', () => {
  const before = [span('same'), span('漢字', 'bad'), span('old')];
  const after = [span('same'), span('漢字', 'bad'), span('new', 'good')];
  assert.equal(drawn(before, after), '\x1b[1;9H\x1b[0;32mnew\x1b[m');
  assert.equal(drawn(before, after, 'none'), '\x1b[1;9H\x1b[0mnew\x1b[m');
  assert.equal(drawn(before, before), '');
  const [old, next] = [rowOf(before, 'colours'), rowOf(after, 'colours')];
  drawChanges(old, next);
  assert.deepEqual(
    old.map((row) => [...row]),
    next.map((row) => [...row]),
  );
});

test('every style of a terminal is drawn, also those that blessed has not', () => {
  const styles = ['quiet', 'italic', 'struck', 'boldItalic', 'title', 'warn', 'chosen'] as const;
  const codes = styles.map((style) => /\x1b\[([\d;]+)m/.exec(drawn([], line('x', style)))?.[1]);
  assert.deepEqual(codes, ['0;2', '0;3', '0;9', '0;1;3', '0;1;4', '0;1;35', '0;7']);
});

test('text behind a character that a terminal may count otherwise is put at its column', () => {
  assert.equal(drawn([], line('a🚀b')), '\x1b[1;1H\x1b[0ma🚀\x1b[1;4Hb\x1b[m');
  assert.equal(drawn(line('漢字x'), line('a字x')), '\x1b[1;1H\x1b[0ma字\x1b[1;4Hx \x1b[m');
});

test('a short gap between two changes is written again, a long one is jumped over', () => {
  assert.equal(drawn(line('abcdefghijkl'), line('Abc_efghijkL')), '\x1b[1;1H\x1b[0mAbc_\x1b[1;12HL\x1b[m');
});

test('no control character reaches the terminal', () => {
  const bytes = drawn([], [{ text: 'a\x1b[2Jb\x9bc', style: 'plain' }]);
  assert.equal(bytes, '\x1b[1;1H\x1b[0ma�\x1b[1;3H[2Jb�\x1b[1;8Hc\x1b[m');
});
