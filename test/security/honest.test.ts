// Goal: people who work honestly are not held up: nothing of theirs is denied, and with --auto at most a tenth is asked.
// Method: everyday lines of developers in several languages, under honest/, one a line (⏎ stands for a line's end). Lines that
// cannot work without network, and lines that a person should see, stand in files of their own and are counted both ways.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeCommand } from '../../security/rules/command-rules.ts';
import { shippedRules } from '../support/policy-rules.ts';

const folder = join(import.meta.dirname, 'honest');
const lines = readdirSync(folder).flatMap((file) =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ line: line.replaceAll('⏎', '\n'), needsMore: file.startsWith('needs-') })),
);
const judged = lines.map(({ line, needsMore }) => ({
  line,
  needsMore,
  ...judgeCommand(line, { rules: shippedRules, directory: '.' }),
}));
const isAsked = ({ verdict, risk }: (typeof judged)[number]) => verdict === 'ask' && risk !== 'contained';

test('the corpus is as large as was promised', () => {
  assert.ok(judged.filter(({ needsMore }) => !needsMore).length >= 300);
});

test('no honest line is denied', () => {
  assert.deepEqual(
    judged.filter(({ verdict }) => verdict === 'deny'),
    [],
  );
});

test('with --auto at most a tenth of all honest lines is asked, those that need the network or a person included', () => {
  const asked = judged.filter(isAsked);
  assert.ok(asked.length <= judged.length / 10, `${asked.length} of ${judged.length} are asked`);
});

test('with --auto no line that needs neither is asked', () => {
  assert.deepEqual(
    judged.filter((one) => !one.needsMore && isAsked(one)),
    [],
  );
});

test('what needs the network or a person is asked, so those files hide nothing', () => {
  assert.deepEqual(
    judged.filter((one) => one.needsMore && !isAsked(one)),
    [],
  );
});

test('without --auto two thirds of what needs neither go on unasked', () => {
  const own = judged.filter(({ needsMore }) => !needsMore);
  const allowed = own.filter(({ verdict }) => verdict === 'allow');
  assert.ok(allowed.length >= (own.length * 2) / 3, `${allowed.length} of ${own.length} are allowed`);
});
