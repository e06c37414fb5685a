// Goal: the host runs a line of git itself only when every word of it is known and it can do nothing but git's own work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownGitSteps } from '../../security/programs/own-git.ts';

const message = `git commit -m "$(cat <<'EOF'\nfix: a\n\nb $x\nEOF\n)"`;
const taken: [string, string[][]][] = [
  [
    'git add -A && git commit -m "fix: a b"',
    [
      ['add', '-A'],
      ['commit', '-m', 'fix: a b'],
    ],
  ],
  ["git add src/a.ts 'b c.ts'; git status", [['add', 'src/a.ts', 'b c.ts'], ['status']]],
  [
    `git add . && ${message}`,
    [
      ['add', '.'],
      ['commit', '-m', 'fix: a\n\nb $x'],
    ],
  ],
  [
    'cd src && git add a.ts',
    [
      ['cd', 'src'],
      ['add', 'a.ts'],
    ],
  ],
  ['git checkout -b topic', [['checkout', '-b', 'topic']]],
  ['git --no-pager stash push -m wip', [['stash', 'push', '-m', 'wip']]],
  [
    'git add -A\ngit commit -m x',
    [
      ['add', '-A'],
      ['commit', '-m', 'x'],
    ],
  ],
];
for (const [line, expected] of taken)
  test(`${line.replaceAll('\n', '⏎')} is taken`, () => {
    const steps = ownGitSteps(line)?.map((step) => (step.kind === 'cd' ? ['cd', step.directory] : step.args));
    assert.deepEqual(steps, expected);
  });

test('a step behind && runs only if the one before succeeded', () => {
  const steps = ownGitSteps('git add -A && git commit -m x; git status') ?? [];
  assert.deepEqual(
    steps.map(({ ifBefore }) => ifBefore),
    [false, true, false],
  );
});

const left = [
  'git status',
  'git log --oneline',
  'npm test && git commit -m x',
  'git add -A | cat',
  'git add $FILES',
  'git add *.ts',
  'git commit -m "$(date)"',
  'git commit -m "`id`"',
  'git -c core.hooksPath=/tmp/x commit -m x',
  'git -C /tmp/other commit -m x',
  'git --git-dir=/tmp/x add a',
  'git commit -F /etc/passwd',
  'git add -A > out.txt',
  'git add -A &',
  'git push',
  'git add -A && git push',
  'GIT_DIR=x git add a',
  'git commit -m x || git push',
  'git rebase -i HEAD~2',
  'git rebase --exec "sh x" HEAD~2',
  'git fetch && git merge x',
  'git config user.name x',
  'git add -A && (git commit -m x)',
  'sudo git add -A',
  'git add "a',
  'git unknown && git add a',
];
for (const line of left)
  test(`${line} is left to the walls`, () => {
    assert.equal(ownGitSteps(line), null);
  });
