// Goal: what is called text without parsing is text. Method: every piece of code here holds the word once, and the parser
// is asked as well; where the quick look is not sure it must say no.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identifiers, wordOffsets } from '../../../tools/code/syntax.ts';
import { areInText } from '../../../tools/code/words-in-text.ts';
import { textFileOf } from '../../../tools/files/text-file.ts';

const look = (text: string, path = 'a.ts') => {
  const file = textFileOf(path, text);
  const offsets = wordOffsets(text, 'word');
  assert.equal(offsets.length, 1, text);
  return { seen: areInText(file, offsets), parsed: identifiers(file, 'word').size === 0 };
};

const texts = [
  '// word',
  '/* a\n * word */ b()',
  '#!/usr/bin/word\nb()',
  `a('word')`,
  `a('\\' word')`,
  `a("it's", 'word')`,
  `a('one \\\r\n word')`,
  'a(`word`)',
  `a(\`\\\` \${b} word\`)`,
  `a(\`\${{ b: \`\${c}\` }} word\`)`,
  `a(\`\${{ b: 'word' }}\`)`,
  'a(/[/"]word/g)',
  'const a = /\\/"/; // word',
  'const a = b / c; // word',
  'const a = b[0] / c; // word',
  'const a: Map<string, B> = c; // word',
];
for (const text of texts) {
  test(`text, seen without parsing: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(look(text), { seen: true, parsed: true });
  });
}

const code = [
  'word()',
  '/* a */ word()',
  `a('b', word)`,
  `a(\`\${word}\`)`,
  `a(\`\${{ b: word }}\`)`,
  `a(\`\${\`\${b}\`}\${word}\`)`,
  'a(/[/"]/g, word)',
  'const a = b / word; // "',
  `const a = b\n/ word / 'c'`,
  `if (a) /'/.test(word); // '`,
  'a(/`/, word, /`/)',
];
for (const text of code) {
  test(`code: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(look(text), { seen: false, parsed: false });
  });
}

const unsure = [
  ['a.ts', `if (a) /'/.test(b); 'word'`],
  ['a.ts', 'return /"/.test(b); // word'],
  ['a.ts', `a('b\n'word'`],
  ['a.ts', '`word'],
  ['a.ts', '/* word'],
  ['a.ts', 'a(/* word /'],
  ['a.ts', 'type A = B\n/"/.test(c) // word'],
  ['a.js', '<!-- a\n"word"'],
  ['a.ts', '--> a\n"word"'],
  ['a.tsx', `const a = <b>it's word</b>;`],
  ['a.js', 'const a = <b>// word</b>;'],
  ['a.jsx', 'const a = <b c="word" />;'],
] as const;
for (const [path, text] of unsure) {
  test(`left to the parser: ${JSON.stringify(text)} in ${path}`, () => {
    assert.equal(look(text, path).seen, false);
  });
}

test('of several words one in code is enough', () => {
  const text = `// word\nword('word')`;
  assert.equal(areInText(textFileOf('a.ts', text), wordOffsets(text, 'word')), false);
});
