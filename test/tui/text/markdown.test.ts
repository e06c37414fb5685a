import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCodeColours, plainCode } from '../../../tui/text/code-colours.ts';
import { markdown } from '../../../tui/text/markdown.ts';
import { type Line, textOf } from '../../../tui/text/text.ts';
import { widthOf } from '../../../tui/text/width.ts';
import { amountOf } from '../../support/amount.ts';
import { random as seeded } from '../../support/random.ts';

/**
 * Goal: what a model writes is shown whole, once and in bounds, at every moment of its coming. Method: pictures as text for
 * each kind of block; then documents drawn from a seed, made of words that can be counted, in pieces of any size.
 */
const colour = await loadCodeColours();

function shown(text: string, width = 60, colours = plainCode): readonly Line[] {
  const view = markdown(colours);
  view.add(text);
  view.end();
  return view.lines(width);
}

function picture(text: string, width?: number): string {
  return shown(text, width)
    .map((line) => textOf(line).trimEnd())
    .join('\n');
}

/** Each span of a text as `style:text`, plain ones as their text. */
function styles(text: string, colours = plainCode): string[] {
  return shown(text, 200, colours)
    .flat()
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, style }) => (style === 'plain' ? text.trim() : `${style}:${text.trim()}`));
}

test('each kind of block has its picture', () => {
  const source = `# Title

One **two** three four five six seven
and a line of its own.

1. first
2. second
   - nested point that is so long that it wraps
   - [ ] open
   - [x] done

     more of it
3. \`\`\`sh
   ls
   \`\`\`

> said
> > before

| Name | Value |
|:-----|------:|
| 漢字 | 7 |
| b | a \\| c |

---
\`\`\`ts
\tif (x) {

\t}
\`\`\`
<details>`;
  assert.equal(
    picture(source, 32),
    `Title

One two three four five six
seven
and a line of its own.

1. first
2. second
   • nested point that is so
     long that it wraps
   ☐ open
   ☑ done

     more of it
3.   ls

│ said
│
│ │ before

Name │ Value
─────┼──────
漢字 │     7
b    │ a | c

────────────────────────────────

      if (x) {

      }

<details>`,
  );
});

test('what stands out has a style, and links show where they lead', () => {
  assert.deepEqual(
    styles('# Big `x`\n\n### Less\n\n**b** *i* ***bi*** ~~s~~ `a*b` [t](http://x.y) <http://z.y> ![p](q) a&lt;b \\* c'),
    [
      ...['title:Big', 'code:x', 'bold:Less', 'bold:b', 'italic:i', 'boldItalic:bi', 'struck:s', 'code:a*b'],
      ...['link:t', 'quiet:(http://x.y)', 'link:http://z.y', 'link:p', 'quiet:(q)', 'a<b', '*', 'c'],
    ],
  );
  assert.deepEqual(styles('see [a][b]\n\n[b]: http://x.y'), ['see [a][b]', '[b]:', 'link:http://x.y']);
});

test('code has the colours of its language, and none where that is not known or costs too much', () => {
  const code = (language: string, text: string) => styles(`\`\`\`${language}\n${text}\n\`\`\``, colour);
  assert.deepEqual(code('ts', 'const a = "b"; // c'), ['keyword:const', 'a =', 'string:"b"', ';', 'quiet:// c']);
  assert.deepEqual(code('diff', '-a\n+b'), ['removed:-a', 'added:+b']);
  assert.deepEqual(code('klingon', 'const a'), ['const a']);
  assert.deepEqual(code('js', `const a;${' '.repeat(600)}b`).length, 2);
  for (const language of 'tsx jsx json py go rs c cpp java sh bash css html yaml toml sql md rb php kt swift'.split(
    ' ',
  ))
    assert.ok(
      code(language, '# a: 1 "s" <b> /* c */ return .x {} 5').some((text) => /^\w+:/.test(text)),
      language,
    );
});

test('half of something looks as it will most likely be', () => {
  const open = (text: string) => {
    const view = markdown(plainCode);
    view.add(text);
    return view
      .lines(40)
      .flat()
      .map(({ text, style }) => (style === 'plain' ? text : `<${text}>`))
      .join('');
  };
  assert.equal(open('a **bo'), 'a <bo>');
  assert.equal(open('a **bold '), 'a <bold>');
  assert.equal(open('a **bold*'), 'a <bold>');
  assert.equal(open('a **'), 'a');
  assert.equal(open('a `co'), 'a <co>');
  assert.equal(open('a ``co`'), 'a <co>');
  assert.equal(open('a *it **both'), 'a <it ><both>');
  assert.equal(open('see [docs](http://x.y/a'), 'see <docs>< (http://x.y/a)>');
  assert.equal(open('- a\n- **b'), '<• >a<• ><b>');
  assert.equal(open('text\n\n#'), 'text');
  assert.equal(open('text\n-'), 'text');
  assert.equal(open('text\n\n1.'), 'text');
  assert.equal(open('text\n\n``'), 'text');
  assert.equal(open('text\n\n```ty'), 'text');
  assert.equal(open('```ts\nlet a\n``'), '  let a');
  assert.equal(open('| a | b'), '<a>< │ ><b><──┼──>');
  assert.equal(open('| a | b |\n|--'), '<a>< │ ><b><──┼──>');
  assert.equal(open('snake_case 2 * 3'), 'snake_case 2 * 3');
});

const languages = ['ts', 'python', 'sh', '', 'diff', 'unknown'];

/** Blocks of markdown with a word of its own wherever one can stand, and the words in the order in which they are seen. */
function drawn(seed: number): { text: string; words: string[] } {
  const random = seeded(seed);
  const pick = <Value>(values: Value[]): Value => values[Math.floor(random() * values.length)]!;
  const words: string[] = [];
  const word = () => {
    words.push(`${pick(['w', 'é', '漢', 'ẅx'])}${words.length}q`);
    return words.at(-1)!;
  };
  const many = (most: number, make: () => string, between: string) =>
    Array.from({ length: 1 + Math.floor(random() * most) }, make).join(between);
  const inline = () =>
    pick([
      () => word(),
      () => many(12, word, ' '),
      () => `**${word()} ${word()}**`,
      () => `*${word()}*`,
      () => `\`${word()}\``,
      () => `~~${word()}~~`,
      () => `[${word()}](http://${word()}/a)`,
      () => `**${word()} *${word()}* \`${word()}\`**`,
    ])();
  const more = () => pick([() => '', () => `\n  - ${word()}`, () => `\n\n  ${word()}`])();
  const prose = () => many(6, inline, pick([' ', ' ', '\n']));
  const code = () => many(pick([3, 400]), () => `${pick(['', '  ', '\t'])}x = ${word()};`, pick(['\n', '\n\n']));
  const block = () =>
    pick([
      prose,
      prose,
      () => `${'#'.repeat(1 + Math.floor(random() * 5))} ${word()} ${word()}`,
      () => many(pick([5, 5, 300]), () => `- ${inline()}${more()}`, '\n'),
      () => many(5, () => `1. ${inline()}`, '\n'),
      () => many(3, () => `> ${inline()}`, '\n'),
      () =>
        `| ${word()} | ${word()} |\n|---|:-:|\n${many(pick([4, 200]), () => `| ${word()} | \`${word()}\` |`, '\n')}`,
      () => `\`\`\`${pick(languages)}\n${code()}\n\`\`\``,
      () => `~~~~\n${word()}\n\`\`\`\n${word()}\n~~~~`,
      () => '---',
      () => `<b>${word()}</b>`,
    ])();
  return { text: many(12, block, '\n\n'), words };
}

/** The words of these documents that lines show, also those that are broken at the end of a line. */
function wordsOf(lines: readonly Line[]): string[] {
  return (
    lines
      .map(textOf)
      .join('\n')
      .match(/[wé漢ẅ]x?\d+q/g) ?? []
  );
}

test('drawn documents: nothing is lost or doubled, and pieces of any size come to the same', () => {
  for (let seed = 1; seed <= amountOf({ gate: 20, proof: 80 }); seed++) {
    const { text, words } = drawn(seed);
    const random = seeded(seed);
    const width = 40 + Math.floor(random() * 100);
    const whole = shown(text, width, colour);
    // Cells of a table stand beside each other, so that the order of words is by columns there.
    assert.deepEqual(wordsOf(whole).toSorted(), words.toSorted(), `seed ${seed}`);
    const view = markdown(colour);
    const step = Math.max(text.length / 150, text.length ** random());
    for (let at = 0; at < text.length; ) {
      const next = at + 1 + Math.floor(2 * random() * step);
      view.add(text.slice(at, next));
      at = next;
      check(view.lines(width).slice(-60), width, seed);
    }
    view.end();
    assert.deepEqual([...view.lines(width)], [...whole], `seed ${seed}: pieces`);
    view.lines(33);
    assert.deepEqual([...view.lines(width)], [...whole], `seed ${seed}: resized`);
  }
});

const marks = [
  '*',
  '_',
  '`',
  '```\n',
  '~~',
  '[',
  '](',
  ')',
  '<',
  '>',
  '> ',
  '- ',
  '1. ',
  '#',
  '|',
  '|-|\n',
  '\n',
  '\n\n',
];
const garbage = ['\x1b[31m', '\x1b]0;', '\x07', '\r', '\r\n', '\x9b', '\u202e', '\u200b', '\0', '\t', '\ud83d', '&lt;'];

test('drawn garbage: no control character, no line too wide, no letter lost', () => {
  for (let seed = 1; seed <= amountOf({ gate: 150, proof: 600 }); seed++) {
    const random = seeded(seed);
    const pick = <Value>(values: Value[]): Value => values[Math.floor(random() * values.length)]!;
    const kinds = [marks, garbage, ['漢', 'a', 'Z9', '🚀', 'e\u0301', '    '], marks];
    const text = Array.from({ length: 1 + Math.floor(random() * 300) }, () => pick(pick(kinds))).join('');
    const width = 12 + Math.floor(random() * 60);
    const view = markdown(colour);
    for (let at = 0; at < text.length; at += 7) {
      view.add(text.slice(at, at + 7));
      check(view.lines(width), width, seed);
    }
    view.end();
    check(view.lines(width), width, seed);
    const letters = (of: string) =>
      of
        .match(/[漢aZ🚀]/gu)
        ?.toSorted()
        .join('') ?? '';
    const seen = view.lines(width).map(textOf).join('');
    // What stands where a fence names its language is not shown.
    if (!text.includes('```')) assert.equal(letters(seen).length >= letters(text).length, true, `seed ${seed}`);
  }
});

function check(lines: readonly Line[], width: number, seed: number): void {
  for (const line of lines) {
    assert.doesNotMatch(textOf(line), /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/, `seed ${seed}`);
    assert.ok(widthOf(textOf(line)) <= width, `seed ${seed}: ${JSON.stringify(textOf(line))} in ${width}`);
  }
}

/** What makes lexers nest, look back or start over, each once more than anybody would write it. */
const malice: Record<string, string> = {
  'one line': 'a '.repeat(500_000),
  'one word': '漢'.repeat(500_000),
  quotes: '> '.repeat(10_000),
  lists: '- '.repeat(10_000),
  numbers: '1. '.repeat(10_000),
  'nested items': Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at * 2)}- a`).join('\n'),
  stars: `${'*'.repeat(20_000)}a${'*'.repeat(19_999)}`,
  emphasis: '*a _b **c '.repeat(5_000),
  brackets: '['.repeat(20_000),
  addresses: '[a](<'.repeat(10_000),
  backticks: Array.from({ length: 500 }, (_, at) => '`'.repeat(at)).join('a'),
  cells: `${'|a'.repeat(20_000)}|\n${'|-'.repeat(20_000)}|\n`,
  rows: `|a|b|\n|-|-|\n${'|a|b|\n'.repeat(10_000)}`,
  comment: `<!--${'<a b="'.repeat(10_000)}`,
  accents: 'e\u0301\u0301\u0301'.repeat(20_000),
  'code without end': `\`\`\`ts\n${'(a,b<c '.repeat(60)}\n`.repeat(50),
  'a line of code': `\`\`\`java\n${'_'.repeat(200_000)}`,
};

for (const [name, text] of Object.entries(malice))
  test(`malice ends soon and shows its letters: ${name}`, () => {
    const before = process.cpuUsage();
    const view = markdown(colour);
    for (let at = 0; at < text.length; at += 10_000) {
      view.add(text.slice(at, at + 10_000));
      check(view.lines(80).slice(-60), 80, 0);
    }
    view.end();
    const seen = view.lines(80).map(textOf).join('');
    const letters = (of: string) => of.match(/[a漢]/g)?.length ?? 0;
    // The name of a language is not shown.
    assert.equal(letters(seen), letters(text.replace('```java', '')));
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 20_000_000, `${(user + system) / 1e6} s of processor time`);
  });
