import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteStructure } from '../../../tools/contracts/rewrite-structure.ts';
import { prepare } from '../../../tools/refactor/rewrite-structure.run.ts';
import { random } from '../../support/random.ts';
import { codeFixture, reportOf } from './code-fixture.ts';

/**
 * Goal: a match of any layout becomes what the template says, and no comment is lost. Method: calls with random
 * layouts and comments; without layout and comments the result is the template filled in.
 */
const rewrites: [pattern: string, rewrite: string][] = [
  ['f($A, $B)', 'g($A, $B)'],
  ['f($A, $B)', 'g($B, $A)'],
  ['f($A, $B)', 'x.g($A, { b: $B })'],
  ['f($A, $B)', '$A.g($B)'],
  ['f($A, $B)', 'f(wrap($A), $B)'],
  ['f($A, $B)', 'g($A, 1, $B)'],
  ['f($$$R)', 'g($$$R)'],
  ['f($$$R)', 'g(c, $$$R)'],
  ['f($$$R)', 'g($$$R, c)'],
  ['f($$$R)', 'h(g($$$R))'],
  ['f($A, $B)', '$A'],
  ['f($A, $B)', '$B'],
  ['f($A, $B)', 'g($B)'],
  ['f($A, $B)', '[$A, $B][0]'],
];
const args = ['a', '(x) => x + 1', "'s, t'", 'p.q[0]', '{ a: 1, b: [2, 3] }', 'new K()'];
const gaps = ['', ' ', '\n  ', ' /* c */ ', ' // c\n  ', '\n  // c\n  '];

const bare = (text: string) =>
  text
    .replace(/\/\*.*?\*\/|\/\/[^\n]*/g, '')
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]}])/g, '');
const comments = (text: string) => text.match(/\/\*|\/\//g)?.length ?? 0;

test('Calls of random layouts become what the template says, with all their comments', async () => {
  const next = random(7);
  const pick = <One>(list: readonly One[]): One => list[Math.floor(next() * list.length)]!;
  await using fixture = codeFixture({});
  const seen = new Set<string>();
  for (let round = 0; round < 150; round++) {
    const [pattern, rewrite] = pick(rewrites);
    const [first, second] = [pick(args), pick(args)];
    const comma = next() < 0.3 ? ',' : '';
    const source = `call = k(f(${pick(gaps)}${first}${pick(gaps)},${pick(gaps)}${second}${pick(gaps)}${comma}${pick(gaps)}), z);\n`;
    const { text, status } = await rewrittenText(fixture, source, pattern, rewrite);
    const filled = rewrite
      .replace('$A', () => first)
      .replace('$B', () => second)
      .replace('$$$R', () => `${first}, ${second}`);
    const told = `${pattern} → ${rewrite}\n${source}→\n${text}`;
    seen.add(status);
    if (status !== 'ok') {
      assert.equal(text, source, told);
      continue;
    }
    assert.equal(bare(text), bare(`call = k(${filled}, z);`), told);
    assert.equal(comments(text), comments(source), told);
  }
  assert.ok(seen.has('ok'));
});

async function rewrittenText(
  fixture: ReturnType<typeof codeFixture>,
  source: string,
  pattern: string,
  rewrite: string,
) {
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`${fixture.workspace}/a.ts`, source);
  const prepared = await prepare(rewriteStructure.arguments.parse({ pattern, rewrite }), fixture.context);
  fixture.apply(prepared);
  return { text: fixture.read('a.ts'), status: reportOf(prepared).status };
}
