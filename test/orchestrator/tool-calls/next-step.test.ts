import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStep, type StepFacts, twinInside } from '../../../orchestrator/tool-calls/next-step.ts';
import type { RuleKind } from '../../../security/verdict.ts';

/** Goal: a refused agent learns in one line what to do instead. Method: a table by the kind of the rule. */
const facts: StepFacts = { hosts: [], scope: ['src/**'], twin: null };

const cases: [RuleKind, words: RegExp, Partial<StepFacts>?][] = [
  ['only_reads', /change nothing.*say in your answer/],
  ['outside', /Use src\/a\.js/, { twin: 'src/a.js' }],
  ['outside', /inside the work tree.*only a person could allow/],
  ['git_folder', /git status, diff, log and show/],
  ['keys', /example file/],
  ['scope', /inside your scope \(src\/\*\*\).*outcome cannot/],
  ['instructs', /Leave this file/],
  ['checks', /mend the code/],
  ['network', /no network.*which command the person should run/],
  ['network', /only these hosts: a\.example, b\.example/, { hosts: ['a.example', 'b.example'] }],
  ['command_rule', /however it is written/],
  ['path_rule', /keeps this path closed/],
  ['unknown_words', /without \$\(…\), variables and wildcards/],
  ['unheld', /use the tools for files and searches/],
];

for (const [kind, words, more] of cases)
  test(`${kind}: ${words.source}`, () => {
    const step = nextStep({ kind, risk: 'beyond' }, 'nobody', { ...facts, ...more });
    assert.match(step, words);
    assert.doesNotMatch(step, /\n|Find another way/);
    assert.ok(step.length < 240, `${step.length} characters`);
  });

test('a rule of no kind: what the walls hold may be done otherwise, the rest is left to the person', () => {
  assert.match(nextStep({ risk: 'contained' }, 'nobody', facts), /Use the tools for files/);
  assert.match(nextStep({ risk: 'beyond' }, 'nobody', facts), /Leave it to the person/);
});

test('after the no of a person the agent is not told to reach the same in another way', () => {
  for (const kind of ['outside', 'network', 'scope'] as const)
    assert.match(nextStep({ kind }, 'person', facts), /Do not try it in other words/);
});

test('the file inside that a path outside may mean', () => {
  const inside = new Set(['src/a.js', 'a.js', 'lib/a.js']);
  const twin = (path: string) => twinInside(path, (relative) => inside.has(relative));
  assert.deepEqual(
    ['/home/dev/other/src/a.js', '../src/a.js', '../a.js', '/tmp/x/a.js', '/etc/passwd', '/'].map(twin),
    ['src/a.js', 'src/a.js', 'a.js', null, null, null],
  );
});
