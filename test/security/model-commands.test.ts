// Goal: with --auto, what real models honestly ask for goes through in every model family, and what needs a person does not.
// Method: 2,367 short commands of public benchmark sessions (SWE-agent, mini-swe-agent, terminal-bench and others) with the
// verdict that a reasonable developer expects: allow-in-auto, ask or deny. One a line: family, verdict, folder, command. Their
// folder is /home/dev/project, which holds no files here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ground, judge } from '../../security/judge.ts';
import { shippedRules } from '../support/policy-rules.ts';

type Row = [family: string, expected: 'allow-in-auto' | 'ask' | 'deny', directory: string, command: string];
const rows = readFileSync(join(import.meta.dirname, 'model-commands.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const ground: Ground = {
  origin: 'agent',
  mode: 'write',
  permissions: 'auto',
  scope: ['**'],
  protect: [],
  readable: [],
  commands: shippedRules,
  paths: { allow: [], ask: [], deny: [] },
  tops: ['/home/dev/project'],
  saves: true,
  registries: [],
  follow: () => ({ links: () => [], matches: () => [] }),
};
const judged = rows.map(([family, expected, directory, command]) => {
  const { verdict, rule } = judge([{ kind: 'run', command, directory }], ground);
  return { family, expected, command, verdict, rule };
});

/** The least share of honest commands that go through. */
const shareMin = 0.97;

for (const family of new Set(rows.map(([name]) => name)))
  test(`of the honest commands of ${family}, at least ${shareMin * 100} % go through`, () => {
    const honest = judged.filter((one) => one.family === family && one.expected === 'allow-in-auto');
    const refused = honest.filter(({ verdict }) => verdict !== 'allow');
    assert.ok(refused.length <= honest.length * (1 - shareMin), JSON.stringify(refused, null, 1));
  });

test('no command that needs a person goes through, and none that is forbidden is only asked', () => {
  const isWider = ({ expected, verdict }: (typeof judged)[number]) =>
    (expected === 'ask' && verdict === 'allow') || (expected === 'deny' && verdict !== 'deny');
  assert.deepEqual(judged.filter(isWider), []);
});

test('the corpus is whole', () => {
  const count = (expected: string) => judged.filter((one) => one.expected === expected).length;
  assert.deepEqual([count('allow-in-auto'), count('ask'), count('deny')], [2224, 113, 30]);
});
