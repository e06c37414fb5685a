import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, cut, fit, fitLine, flat, line, short, span, tableLines, textOf, wrap } from '../../../tui/text/text.ts';
import { characters, widthOf } from '../../../tui/text/width.ts';

/** Goal: text of any kind takes exactly the cells that it is thought to take, and moves nothing. Method: by hand. */

test('characters take the cells that terminals give them', () => {
  const widths = { abc: 3, 漢字: 4, ｆ: 2, '🚀': 2, é: 1, 'e\u0301': 1, '▁▂': 2, 한글: 4, '✓': 1, '✅': 2 };
  assert.deepEqual(Object.fromEntries(Object.keys(widths).map((text) => [text, widthOf(text)])), widths);
});

test('a character of several code points is one character, and takes the cells that it is drawn in', () => {
  const widths = { '🇩🇪': 2, '👍🏽': 2, 'ᄒ\u1161ᆫ': 2, 'a\u0308\u0323': 1, क्षि: 3, 'か\u3099': 2, '⌚': 2, '†': 1 };
  assert.deepEqual(Object.fromEntries(Object.keys(widths).map((text) => [text, widthOf(text)])), widths);
  for (const one of Object.keys(widths)) {
    assert.deepEqual(characters(one.repeat(3)), [one, one, one]);
    for (let room = 1; room < 12; room += 1) {
      const [kept = '', rest] = cut(one.repeat(4), room).split('…');
      assert.equal(kept, one.repeat(kept.length / one.length), `${one} in ${room} cells is cut between characters`);
      assert.ok(rest === undefined || rest === '');
      const wrapped = wrap(one.repeat(4), Math.max(room, widths[one as keyof typeof widths])).map(textOf);
      assert.equal(wrapped.join(''), flat(one).repeat(4));
      for (const piece of wrapped)
        assert.equal(piece.length % flat(one).length, 0, `${one} in ${room} cells is wrapped whole`);
    }
  }
});

test('a table lines its columns up by cells, whatever their text', () => {
  assert.deepEqual(
    tableLines([
      ['ID', 'STATE', 'X'],
      ['漢字', 'e\u0301', 'y'],
      ['🚀', 'waiting', ''],
    ]),
    ['ID    STATE    X', '漢字  é        y', '🚀    waiting'],
  );
});

test('flat text holds nothing that moves the cursor or joins what follows', () => {
  const evil = 'a\x1b[2Jb\nc\td\u202ee\u200df\ufe0fg\x9b31mh\u0007';
  const shown = flat(evil);
  assert.match(shown, /^a.\[2Jb c d.efg.31mh.$/u);
  assert.doesNotMatch(shown, /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]/);
});

test('what does not fit is cut between characters, and the rest filled up', () => {
  assert.equal(cut('漢字漢字', 5), '漢字…');
  assert.equal(cut('漢字漢字', 4), '漢…');
  assert.equal(fit('漢字漢字', 4), '漢… ');
  assert.equal(fit('12', 4, 'end'), '  12');
  assert.equal(cut('abc', 0), '');
  for (const width of [0, 1, 2, 3, 7, 12, 40])
    for (const text of ['plain words', '漢字 and 🚀🚀', 'e\u0301'.repeat(9)])
      assert.equal(widthOf(textOf(fitLine([span(text), ...line(text, 'bad')], width))), width, `${text} in ${width}`);
});

test('long text breaks between words, and inside those that are longer than a line', () => {
  const of = (text: string, width: number, most?: number) => wrap(text, width, 'plain', most).map(textOf);
  assert.deepEqual(of('one two three\n\nfour', 8), ['one two', 'three', '', 'four']);
  assert.deepEqual(of('漢字漢字', 5), ['漢字', '漢字']);
  assert.deepEqual(of('a\nb\nc', 5, 2), ['a', 'b']);
});

test('ages and counts are short, and a clock that was set back makes none negative', () => {
  assert.deepEqual(
    [age(-5_000), age(59_999), age(60_000), age(7_200_000), age(172_800_000)],
    ['0s', '59s', '1m', '2h', '2d'],
  );
  assert.deepEqual([950, 12_345, 99_960, 999_940, 999_960, 1_234_567, 1e9].map(short), [
    '950',
    '12.3k',
    '100k',
    '1000k',
    '1.0M',
    '1.2M',
    '1000M',
  ]);
});
