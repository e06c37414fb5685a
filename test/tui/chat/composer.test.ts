import assert from 'node:assert/strict';
import { test } from 'node:test';
import { best, complete } from '../../../tui/chat/complete.ts';
import { type Composer, composerLines, edit, insert, newComposer, sent } from '../../../tui/chat/composer.ts';
import { textOf } from '../../../tui/text/text.ts';
import { widthOf } from '../../../tui/text/width.ts';
import { random } from '../../support/random.ts';

/** Goal: what is written is what was typed, whatever keys in whatever order; and what could be meant is offered. Pure. */
const typed = (text: string) => insert(newComposer(), text);
const keys = (composer: Composer, ...names: string[]) =>
  names.reduce((before, name) => edit(before, name, '') ?? assert.fail(name), composer);
/** The text with the cursor as `|`. */
const seen = ({ text, at }: Composer) => `${text.slice(0, at)}|${text.slice(at)}`;

const cases: [words: string, before: Composer, names: string[], after: string][] = [
  ['a new line goes where the cursor is', keys(typed('ab'), 'left'), ['linefeed'], 'a\n|b'],
  ['an emoji of several parts is one character', typed('a👩‍👩‍👧é'), ['backspace', 'backspace'], 'a|'],
  ['a word is deleted with what stands before it', typed('one two  '), ['C-w'], 'one |'],
  ['the line is deleted to its beginning, not the text', typed('one\ntwo'), ['C-u'], 'one\n|'],
  ['and to its end', keys(typed('one\ntwo'), 'home'), ['C-k'], 'one\n|'],
  ['at the end of a line the next one is joined', keys(typed('one\ntwo'), 'up', 'end'), ['C-k'], 'one|two'],
  ['words are gone over', typed('one two'), ['C-left', 'C-left', 'M-f'], 'one| two'],
  [
    'up and down keep the column where they can',
    typed('long line\nab\nlong line'),
    ['left', 'up', 'up'],
    'lo|ng line\nab\nlong line',
  ],
  ['nothing happens at the ends', keys(typed('a'), 'home'), ['left', 'backspace', 'up', 'up'], '|a'],
];
for (const [words, before, names, after] of cases) test(words, () => assert.equal(seen(keys(before, ...names)), after));

test('what was sent is found again, and what was being written is kept meanwhile', () => {
  const composer = insert(newComposer(['first', 'second']), 'draft');
  const texts: string[] = [];
  ['up', 'up', 'up', 'down', 'down'].reduce((now, name) => {
    const next = keys(now, name);
    texts.push(next.text);
    return next;
  }, composer);
  assert.deepEqual(texts, ['second', 'first', 'first', 'second', 'draft']);
  assert.deepEqual(sent(typed('words')).history, ['words']);
  assert.deepEqual(sent(sent(typed('  '))).history, []);
});

test('whatever keys come: the cursor stands between characters, and the lines have the width and hold the text', () => {
  const next = random(20_261_120);
  const pick = <One>(from: readonly One[]) => from[Math.floor(next() * from.length)] as One;
  const names = 'left right up down home end C-left C-right backspace delete C-w C-u C-k linefeed space'.split(' ');
  const pieces = [
    'a',
    'word ',
    '漢字',
    '🚀',
    '👩‍👩‍👧',
    'e\u0301',
    '\n',
    '\t',
    '\r\n',
    '\x1b[31m',
    '\u202e',
    'x'.repeat(90),
    '\0',
  ];
  let composer = newComposer(['earlier\nlines']);
  for (let turn = 0; turn < 5_000; turn += 1) {
    composer = next() < 0.4 ? insert(composer, pick(pieces)) : keys(composer, pick(names));
    if (composer.text.length > 2_000) composer = newComposer(composer.history);
    assert.ok(composer.at >= 0 && composer.at <= composer.text.length);
    assert.doesNotMatch(composer.text.charAt(composer.at), /[\udc00-\udfff]/);
    const width = 12 + Math.floor(next() * 60);
    const lines = composerLines(composer, { sign: '› ', width, most: 6, hint: '' });
    assert.ok(lines.length <= 6 && lines.length > 0);
    assert.equal(lines.flat().filter(({ style }) => style === 'chosen').length, 1, seen(composer));
    for (const one of lines) {
      assert.ok(widthOf(textOf(one)) <= width + 1, `${widthOf(textOf(one))} > ${width}: ${textOf(one)}`);
      assert.doesNotMatch(textOf(one), /[\x00-\x1f\x7f-\x9f]/);
    }
  }
});

test('files are offered by letters of theirs, the likeliest first', () => {
  const files = ['src/parse.ts', 'src/parser/index.ts', 'test/parse.test.ts', 'README.md', 'src/pa/rs/e.txt'];
  assert.deepEqual(best('parse.ts', files, 2), ['src/parse.ts', 'test/parse.test.ts']);
  assert.deepEqual(best('rdm', files, 3), ['README.md']);
  assert.deepEqual(best('zzz', files, 3), []);
  const sources = { commands: [{ name: '/cost', about: '' }], roles: ['explorer'], files };
  const offered = (text: string) => complete(typed(text), sources)?.items.map((item) => item.text) ?? [];
  assert.deepEqual(offered('/co'), ['/cost']);
  assert.deepEqual(offered('say /co'), []);
  assert.deepEqual(offered('@exp'), ['@explorer']);
  assert.deepEqual(offered('see @exp'), []);
  assert.deepEqual(offered('see @readme'), ['@README.md']);
  assert.deepEqual(offered('a@b'), []);
});

test('a tab that is pasted is sent as a tab, and drawn as one cell', () => {
  const composer = insert(newComposer(), 'all:\n\techo done');
  assert.equal(composer.text, 'all:\n\techo done');
  const lines = composerLines(composer, { sign: '› ', width: 40, most: 5, hint: '' });
  assert.deepEqual(lines.map(textOf), ['› all:', '  →echo done ']);
});
