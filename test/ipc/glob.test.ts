/**
 * Goal: a glob means what a person would say it means, on every Node, and what it meant before picomatch.
 * Method: a table of meanings, which holds every known difference from Node's own matcher; and all pairs of a set of paths
 * and patterns, held against that matcher.
 */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { isModestGlob, matchesGlob } from '../../ipc/glob.ts';

const table: [pattern: string, matching: string[], other: string[]][] = [
  ['src/*.ts', ['src/a.ts'], ['src/deep/a.ts', 'src/.a.ts', 'src/a.js']],
  ['src/**', ['src/a.ts', 'src/deep/a.ts'], ['src', 'srcs/a.ts', 'src/.env']],
  ['**/*.sql', ['a.sql', 'x/y/a.sql'], ['a.sqlx', '.hidden/a.sql']],
  ['**.ts', ['a.ts'], ['b/a.ts']],
  ['{a,b}.ts', ['a.ts', 'b.ts'], ['c.ts']],
  ['[!a].ts', ['b.ts'], ['a.ts', '/.ts']],
  ['app/(group)/*.tsx', ['app/(group)/page.tsx'], ['app/group/page.tsx']],
  ['@(a|b)/c', ['a/c', 'b/c'], ['(a|b)/c']],
  ['c++/*.h', ['c++/a.h'], ['c/a.h', 'cc/a.h']],
  ['!a', ['!a'], ['b']],
  ['#a', ['#a'], ['a']],
  ['[[]id[]].ts', ['[id].ts'], ['i.ts']],
  ['', [], ['', 'a']],
  [`${'a'.repeat(70_000)}*`, [], ['a']],
  ['[z-a]', [], ['z', 'a']],
  // Different with Node's own matcher, which takes brackets never for themselves, knows nothing of a leading ./, leaves
  // names with a dot out of a negated group, and takes a backslash for a slash.
  ['app/[id]/*.ts', ['app/i/a.ts', 'app/[id]/a.ts'], ['app/x/a.ts']],
  ['./src/*.ts', ['src/a.ts'], ['a.ts']],
  ['!(a)', ['b', '.env'], ['a']],
  ['a\\*', ['a*'], ['ab', 'a/b']],
];
for (const [pattern, matching, other] of table)
  test(`${pattern.slice(0, 40) || 'the empty pattern'} matches ${matching.join(', ') || 'nothing'}, not ${other.join(', ')}`, () => {
    for (const path of matching) assert.equal(matchesGlob(path, pattern), true, path);
    for (const path of other) assert.equal(matchesGlob(path, pattern), false, path);
  });

const names = ['a', 'ab', '.a', 'src', 'a.ts', 'b.test.ts', '.env', 'x y', '(g)', 'a+', 'a$', '@a', '!a', '#a', 'ä'];
const wild = [
  '*',
  '**',
  '?',
  '*.ts',
  '*.*',
  '.*',
  '*a*',
  'a**',
  '[ab]',
  '[!a]',
  '[a-c].ts',
  '{a,b}',
  '{a,.e}*',
  '@(a|b)',
];
const pairs = (list: string[]) => list.flatMap((one) => [one, ...list.map((other) => `${one}/${other}`)]);

test("all pairs of names and patterns match as with Node's own matcher", {
  skip: process.platform === 'darwin',
}, () => {
  const paths = [...pairs(names), ...names.map((name) => `src/${name}/a.ts`)];
  const patterns = [...pairs([...names, ...wild]), ...wild.map((pattern) => `src/${pattern}/*.ts`)];
  const different = patterns.flatMap((pattern) =>
    paths
      .filter((path) => matchesGlob(path, pattern) !== posix.matchesGlob(path, pattern))
      .map((path) => `${pattern} and ${path}`),
  );
  assert.deepEqual(different, []);
});

test('a pattern that stands for too much is told from a usual one', () => {
  const usual = [
    'packages/*',
    'packages/**',
    '{apps,libs}/*',
    'a/{1..9}/b',
    '!**/test/**',
    'x/@(a|b)/*',
    'c/{a,b{c,d}}',
  ];
  const large = ['{1..200000}', '{1..100}{1..100}', '{a,b,c,d,e,f,g,h}'.repeat(4), '**/**/**/**', '{a..z}{a..z}{0..9}'];
  const slow = ['+(a|+(b|c))*', `*(${'a|'.repeat(600)})`, '{-100000..100000..2}', '{1..1e9}{1..100000}'];
  for (const pattern of usual) assert.ok(isModestGlob(pattern), pattern);
  for (const pattern of [...large, ...slow]) assert.ok(!isModestGlob(pattern), pattern);
});
