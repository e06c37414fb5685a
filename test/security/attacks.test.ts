// Goal: nothing that a hostile line can do is allowed; each attack is at least asked, asked as `beyond`, or denied, as its record says.
// Method: the corpus under attacks/commands, one record per line, judged with the rules that are shipped.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeCommand } from '../../security/rules/command-rules.ts';
import type { Verdict } from '../../security/verdict.ts';
import { shippedRules } from '../support/policy-rules.ts';

const folder = join(import.meta.dirname, 'attacks', 'commands');
const families = readdirSync(folder);
type Attack = { must: 'ask' | 'beyond' | 'deny'; line: string };
const attacksOf = (family: string) => JSON.parse(readFileSync(join(folder, family), 'utf8')) as Attack[];

function isHeld({ verdict, risk }: Verdict, must: Attack['must']): boolean {
  if (verdict === 'deny') return true;
  return verdict === 'ask' && (must === 'ask' || (must === 'beyond' && risk === 'beyond'));
}

for (const family of families)
  test(`no attack of ${family} gets a wider verdict than it may`, () => {
    const escaped = attacksOf(family).flatMap(({ must, line }) => {
      const verdict = judgeCommand(line, { rules: shippedRules, directory: '.' });
      return isHeld(verdict, must) ? [] : [{ line, must, verdict }];
    });
    assert.deepEqual(escaped, []);
  });

test('the corpus is as large as was promised, and no line is in it twice', () => {
  const lines = families.flatMap(attacksOf).map(({ line }) => line);
  assert.ok(lines.length >= 300, `${lines.length} lines`);
  assert.deepEqual(
    families.filter((family) => new Set(attacksOf(family).map(({ line }) => line)).size !== attacksOf(family).length),
    [],
  );
});

test('a verdict depends on the line alone: not on who asks, nor on what was judged before', () => {
  const where = { rules: shippedRules, directory: '.' };
  const lines = families.flatMap(attacksOf).map(({ line }) => line);
  const forth = lines.map((line) => judgeCommand(line, where));
  const back = lines.toReversed().map((line) => judgeCommand(line, { ...where }));
  assert.deepEqual(back.toReversed(), forth);
});
