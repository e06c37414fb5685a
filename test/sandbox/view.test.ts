// Goal: the view that commands get shows what the policy says: files with keys are hidden, denied programs cannot be
// started by name or path, and kept files stay. Method: real hands and commands that try.

import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { handsAt, place, sh } from '../tools/program/hands-here.ts';

const skip = process.platform !== 'linux';

test('a masked file and a masked folder are not there, under any name', { skip }, async (context) => {
  const here = place(context, { '.env': 'KEY=canary\n', 'keys/one': 'canary\n', 'plain.txt': 'plain\n' });
  symlinkSync('.env', join(here.workspace, 'alias'));
  const masked = ['.env', 'keys', 'not-there'].map((path) => join(here.workspace, path));
  const hands = await handsAt(context, { ...here.policy, masked });
  if (!hands.walls.keeps) return context.skip('needs namespaces');
  for (const line of [
    'cat .env',
    'cat ./.env',
    'cat alias',
    'cat keys/one',
    'grep -r canary .',
    'cp .env new && cat new',
  ])
    assert.doesNotMatch((await sh(hands, line)).text, /canary/, line);
  assert.match((await sh(hands, 'cat .env')).text, /^# vtcode: this file is hidden/);
  assert.equal((await sh(hands, 'cat plain.txt')).text, 'plain\n');
  for (const line of ['echo x > .env', 'rm .env', 'mv new .env', 'rm -r keys', 'touch keys/two'])
    assert.notEqual((await sh(hands, line)).code, 0, line);
  assert.equal(readFileSync(join(here.workspace, '.env'), 'utf8'), 'KEY=canary\n');
});

test('a denied program cannot be started by name or path, whatever starts it; others can', {
  skip,
}, async (context) => {
  const here = place(context, { Makefile: 'all:\n\trmdir gone\n', 'gone/keep': '' });
  const hands = await handsAt(context, { ...here.policy, refused: ['rmdir', 'awk'] });
  if (!hands.walls.keeps) return context.skip('needs namespaces');
  const lines = [
    ...[
      'rmdir x',
      '/bin/rmdir x',
      '/usr/bin/rmdir x',
      'env rmdir x',
      'sh -c "exec rmdir x"',
      'find . -name x -exec rmdir {} \\;',
    ],
    ...[
      'echo x | xargs rmdir',
      'perl -e "system qw(rmdir x)"',
      '$(command -v rmdir) x',
      'ln -s $(command -v rmdir) r; ./r x',
    ],
  ];
  for (const line of lines) {
    await sh(hands, 'mkdir -p x');
    const { text } = await sh(hands, line);
    assert.equal((await sh(hands, 'test -d x')).code, 0, `${line}: ${text}`);
  }
  assert.match((await sh(hands, 'rmdir x')).text, /a rule in policy\.commands\.deny forbids .*rmdir/);
  // awk is a link to one of several programs: the link is closed, the program behind it has another name.
  assert.equal((await sh(hands, "awk 'BEGIN { print 1 }'")).code, 126);
  assert.equal((await sh(hands, 'rm -r x && ls Makefile')).text, 'Makefile\n');
});
