import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeCommand } from '../../security/command-rules.ts';
import { type Ground, judge } from '../../security/judge.ts';

/** Goal: rules of paths bind whoever names a path, tool or command, and never make anything wider but what they are for. */
const paths = { allow: ['.env.test', '/usr/share/dict/words'], ask: ['legal/**'], deny: ['billing/**', '*.sql'] };
const commands = { allow: ['cat'], ask: [], deny: [] };
const ground: Ground = {
  ...{ origin: 'agent', mode: 'write', permissions: 'auto', scope: ['**'], protect: [], readable: [] },
  ...{ commands, paths },
};

const calls: [effect: Parameters<typeof judge>[0][number], verdict: string][] = [
  [{ kind: 'read', path: 'src/a.ts' }, 'allow'],
  [{ kind: 'read', path: 'billing/a.ts' }, 'deny'],
  [{ kind: 'read', path: './src/../billing/a.ts' }, 'deny'],
  [{ kind: 'write', path: 'billing/a.ts' }, 'deny'],
  [{ kind: 'write', path: 'schema.sql' }, 'deny'],
  [{ kind: 'read', path: 'legal/terms.md' }, 'ask'],
  [{ kind: 'write', path: 'legal/terms.md' }, 'ask'],
  [{ kind: 'read', path: '.env.test' }, 'allow'],
  [{ kind: 'read', path: '.env' }, 'ask'],
  [{ kind: 'read', path: '/usr/share/dict/words' }, 'allow'],
  [{ kind: 'read', path: '/usr/share/dict/other' }, 'ask'],
  [{ kind: 'write', path: '/usr/share/dict/words' }, 'deny'],
  [{ kind: 'run', command: 'cat src/a.ts', directory: '.' }, 'allow'],
  [{ kind: 'run', command: 'cat a.ts', directory: 'billing' }, 'deny'],
  [{ kind: 'run', command: 'cat src/a.ts && head billing/a.ts', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'cat billing/*.ts', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'cat b*/a.ts', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'ls > schema.sql', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'cat legal/terms.md', directory: '.' }, 'ask'],
];
for (const [effect, verdict] of calls)
  test(`${effect.kind} ${effect.kind === 'run' ? `${effect.command} in ${effect.directory}` : effect.path}: ${verdict}`, () => {
    assert.equal(judge([effect], ground).verdict, verdict, judge([effect], ground).rule);
  });

test('no rule of paths makes a command wider', () => {
  const wide = { allow: ['**', '/**'], ask: [], deny: [] };
  for (const command of ['cat .env', 'cat /etc/shadow', 'curl x.example', 'rm -rf .']) {
    const where = { rules: { allow: [], ask: [], deny: [] }, directory: '.' };
    const before = judgeCommand(command, where).verdict;
    assert.equal(judgeCommand(command, { ...where, paths: wide }).verdict, before, command);
  }
});
