// Goal: only lines that ask git which files changed, and print nothing of what files hold, see files with keys.
// Method: lines of both kinds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellsChanges } from '../../../orchestrator/tool-calls/tells-changes.ts';

const asking = [
  ...[
    'git status',
    'git status --short',
    'git status -sb',
    'git -C packages/a status --porcelain=v1',
    'git ls-files -m',
  ],
  ...['git diff --stat', 'git diff HEAD~1 --name-only -- src', 'git diff --cached --name-status', 'git diff --quiet'],
  ...[
    'git status --short | head -20',
    'git status -s && git diff --stat',
    'cd src && git status',
    'git describe --dirty',
  ],
];
const printing = [
  ...[
    'git diff',
    'git diff HEAD',
    'git diff --stat -p',
    'git diff --stat --patch',
    'git diff -U0 --stat',
    'git status -v',
  ],
  ...[
    'git diff --no-index --stat /dev/null .env',
    'git status; cat .env',
    'git status && wc .env',
    'git status | cat .env',
  ],
  ...['git status $(cat .env)', 'git status `cat .env`', 'git status > a', 'git status\ncat .env', 'git -c a=b status'],
  ...['git status | wc .env', 'git status & cat .env', 'git show --stat', 'git grep -n key', 'git diff --name-only -u'],
  ...['git diff --stat --ext-diff', 'git diff --numstat --output=a', 'cat .env', ''],
];

test('lines that only ask git which files changed', () => {
  for (const line of asking) assert.ok(tellsChanges(line), line);
});

test('lines that print what files hold, or run something else', () => {
  for (const line of printing) assert.ok(!tellsChanges(line), line);
});
