import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ground, judge } from '../../security/judge.ts';
import { judgeCommand } from '../../security/rules/command-rules.ts';

/** Goal: rules of paths bind whoever names a path, tool or command, and never make anything wider but what they are for. */
const paths = { allow: ['.env.test', '/srv/dict/words'], ask: ['legal/**'], deny: ['billing/**', '*.sql'] };
const commands = { allow: ['cat'], ask: [], deny: [] };
const ground: Ground = {
  follow: () => ({ links: () => [], matches: () => null }),
  tops: ['/work/tree'],
  saves: false,
  registries: [],
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
  [{ kind: 'read', path: '/srv/dict/words' }, 'allow'],
  [{ kind: 'read', path: '/srv/dict/other' }, 'ask'],
  [{ kind: 'write', path: '/srv/dict/words' }, 'deny'],
  [{ kind: 'run', command: 'cat src/a.ts', directory: '.' }, 'allow'],
  [{ kind: 'run', command: 'cat a.ts', directory: 'billing' }, 'deny'],
  [{ kind: 'run', command: 'cat src/a.ts && head billing/a.ts', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'cat billing/*.ts', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'cat b*/a.ts', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'ls > schema.sql', directory: '.' }, 'deny'],
  [{ kind: 'run', command: 'cat legal/terms.md', directory: '.' }, 'ask'],
];
for (const [effect, verdict] of calls)
  test(`${effect.kind} ${effect.kind === 'run' ? `${effect.command} in ${effect.directory}` : 'path' in effect ? effect.path : effect.kind}: ${verdict}`, () => {
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

test('a folder that holds what is denied is not gone through by a command', () => {
  const rules = { allow: ['cp', 'mv'], ask: [], deny: [] };
  const own = { allow: [], ask: [], deny: ['config/**', 'deep/down/keys/**', '**/*.sql', 'private'] };
  const verdictOf = (command: string) => {
    const { verdict, risk } = judgeCommand(command, { rules, directory: '.', paths: own });
    return risk === 'contained' ? 'contained' : verdict;
  };
  const table: [verdict: string, lines: string[]][] = [
    [
      'deny',
      ['grep -r . config', 'diff -r config empty', 'cp -r config y', 'mv config y', 'mv config/ y', 'rg x config'],
    ],
    ['deny', ['cat config/prod.yml', 'grep -r x deep/down/keys', 'git show HEAD:config/prod.yml', 'git grep x config']],
    [
      'ask',
      ['git grep x', 'git grep x HEAD', 'grep -r x', 'grep -r x .', 'rg x', 'rg x .', 'cp -r deep y', 'mv deep/down y'],
    ],
    ['ask', ['grep -r x src', 'rg x src', 'find . -exec cat {} +', 'find . -type f | xargs cat', 'diff -r . ../y']],
    ['ask', ['git log -p', 'git show', 'git show HEAD~3', 'git diff', 'git diff main HEAD', 'git stash show -p']],
    [
      'ask',
      [
        'git format-patch -1',
        'git archive HEAD -o a.tar',
        'git cat-file -p 1f0c2a',
        'tar cf a.tar deep',
        'git -C deep log -p',
      ],
    ],
    [
      'deny',
      [
        'npx prettier config/prod.yml',
        'shellcheck config/x.sh',
        'node -e \'load("./config/prod.yml")\'',
        'npx eslint config',
      ],
    ],
    [
      'deny',
      ['cat private/a.ts', 'grep -r x private', 'git log -L1,9:config/prod.yml', 'npx biome check private/a.ts'],
    ],
    ['contained', ['cp src/a.ts b.ts']],
    [
      'allow',
      ['cat src/a.ts', 'ls .', 'ls src', 'ls deep', 'grep x src/a.ts', 'git status', 'npm test', 'npx eslint .'],
    ],
    ['allow', ['git log --oneline', 'git log --stat', 'git diff --stat']],
    ['allow', ['git show HEAD:src/a.ts', 'git show --stat', 'find deep -name "*.ts"']],
  ];
  for (const [verdict, lines] of table) for (const line of lines) assert.equal(verdictOf(line), verdict, line);
});

test('a rule that asks about what is in a folder asks about the folder', () => {
  const where = {
    rules: { allow: [], ask: [], deny: [] },
    directory: '.',
    paths: { allow: [], ask: ['legal/**'], deny: [] },
  };
  for (const line of ['grep -r x legal', 'rg x', 'git log -p', 'cat legal/terms.md'])
    assert.equal(judgeCommand(line, where).risk, 'beyond', line);
});

test('deny beats the scope', () => {
  const small = { ...ground, scope: ['src/**'] };
  assert.equal(judge([{ kind: 'write', path: 'billing/a.ts' }], small).verdict, 'deny');
  assert.equal(judge([{ kind: 'write', path: 'other/a.ts' }], small).verdict, 'ask');
  assert.equal(
    judge([{ kind: 'write', path: 'legal/terms.md' }], { ...small, scope: ['legal/terms.md'] }).verdict,
    'allow',
  );
});

test('git with paths shows those alone', () => {
  const where = {
    rules: { allow: [], ask: [], deny: [] },
    directory: '.',
    paths: { allow: [], ask: [], deny: ['config/**'] },
  };
  for (const line of ['git diff main -- src/a.ts', 'git log -p -- src', 'git show HEAD -- src/a.ts', 'git diff -- src'])
    assert.equal(judgeCommand(line, where).verdict, 'allow', line);
  for (const line of ['git diff main -- config', 'git log -p -- config/a.yml'])
    assert.equal(judgeCommand(line, where).verdict, 'deny', line);
  for (const line of ["git diff -- ':(top)src'", 'git diff -- .', "git log -p -- ':!src'"])
    assert.equal(judgeCommand(line, where).verdict, 'ask', line);
});
