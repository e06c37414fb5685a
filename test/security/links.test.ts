/**
 * Goal: a command is judged by where its paths really lead, not by their text alone. Method: a work tree with links in it,
 * made by hand; lines as agents write them, judged by the shipped rules; then the real program, once for an agent and once
 * for `policy explain`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { followIn } from '../../orchestrator/worktrees/follow-links.ts';
import { judgeCommand, type Where } from '../../security/rules/command-rules.ts';
import { readsOfLine } from '../support/line-reads.ts';
import { startModelServer } from '../support/model-server.ts';
import { shippedRules } from '../support/policy-rules.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const top = temporaryFolder('links');
const outside = temporaryFolder('links-outside');
const where: Where = { rules: shippedRules, directory: '.', follow: followIn(top), scope: ['**'] };
const verdictOf = (line: string, more: Partial<Where> = {}) => {
  const { verdict, risk } = judgeCommand(line, { ...where, ...more });
  return risk === 'contained' ? 'contained' : verdict;
};

before(() => {
  for (const folder of ['src/deep', 'keys/.ssh', 'docs', '.git', 'node_modules'])
    mkdirSync(join(top, folder), { recursive: true });
  for (const file of [
    '.env',
    'keys/.ssh/id',
    'src/a.ts',
    'src/deep/b.ts',
    'docs/one.md',
    'docs/AGENTS.md',
    '.git/config',
    'src/.env',
  ])
    writeFileSync(join(top, file), 'TOKEN=abc\n');
  const links = {
    'config.txt': '.env',
    twice: 'config.txt',
    hidden: 'keys/.ssh',
    code: 'src/deep',
    'docs/two.md': '../.env',
    'notes.md': 'docs/one.md',
    orders: 'docs/AGENTS.md',
    store: '.git',
    out: join(outside, 'there'),
    later: 'not-there/.env',
    circle: 'circle',
    passwd: '/etc/machine-id',
    'src/lnk': '../.env',
    'node_modules/left': join(outside, 'left'),
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(top, name));
  mkdirSync(join(outside, 'left'));
  writeFileSync(join(outside, 'left', 'package.json'), '{}');
});

const judged: [verdict: string, lines: string[]][] = [
  [
    'ask',
    [
      'cat config.txt',
      'cat ./config.txt',
      'cat twice',
      'cat < config.txt',
      'head -3 src/../config.txt',
      'grep TOKEN config.txt',
      'rg TOKEN config.txt',
      'sed -n 1p config.txt',
      'cat hidden/id',
      'cd hidden && cat id',
      'cat docs/*.md',
      'cat docs/tw?.md',
      'cat */two.md',
      'cat later',
      // `..` goes up from where the link has led to: src/.env, not .env, and neither is named.
      'cat code/../.en[v]',
      'wc -l < twice',
      'ls | cat config.txt -',
      'sh -c "cat config.txt"',
      'node read.js config.txt',
      // What goes up from a folder that is a link is another folder for the shell than for the system.
      'cd -P code && cd .. && cat lnk',
      'cd code && cd -P .. && cat lnk',
      'cd code && env -u PWD sh -c "cd .. && cat lnk"',
      'cd code && env -C .. cat lnk',
      'cd code && cat ../lnk',
      // Named on the line, listed by one command and read by the next.
      'find config.txt -exec cat {} +',
      'ls config.txt | xargs cat',
      'cat $(ls config.txt)',
      'find hidden/ -type f -exec cat {} +',
      // Nobody knows whether it writes.
      'mytool store/hooks/x',
      'node build.js store/config',
      `python3 -c 'open("store/hooks/pre-commit", "w")'`,
      'mytool -o orders',
      'cat passwd',
      'diff two.md docs',
      'diff docs src/two.md',
      'git diff --no-index config.txt src/a.ts',
      'echo x > orders',
      'echo x > out',
      'cp src/a.ts out',
    ],
  ],
  ['deny', ['echo x > store/config', 'tee store/config < src/a.ts', 'cp src/a.ts store/hooks']],
  [
    'allow',
    [
      'cat notes.md',
      'cat code/b.ts',
      'cd code && cat b.ts',
      'cat src/*.ts',
      'ls',
      'ls -l config.txt',
      'stat config.txt',
      'cat node_modules/left/package.json',
      'cat circle',
      'cat nowhere.txt',
      'ls nowhere/*',
      'git status',
      // git and these look at the link, not at what it leads to.
      'git diff config.txt',
      'git log --oneline -- config.txt',
      'git show HEAD:config.txt',
      'ls -l src/lnk',
      'cd code && cd .. && cat src/a.ts',
    ],
  ],
  [
    'contained',
    [
      'echo x > notes.md',
      'cp src/a.ts code/c.ts',
      'rm config.txt',
      'rm -f store',
      'mv out old',
      'ln -sfn src code',
      'git add config.txt',
      'git rm orders',
    ],
  ],
];
for (const [verdict, lines] of judged)
  for (const line of lines)
    test(`${line}: ${verdict}`, () => {
      assert.equal(verdictOf(line), verdict, judgeCommand(line, where).rule);
    });

test('what is said of a line where links lead is never wider than what is said of its text', () => {
  const weight = { allow: 0, contained: 1, ask: 2, deny: 3 } as Record<string, number>;
  for (const line of judged.flatMap(([, lines]) => lines)) {
    const { follow: _, ...byText } = where;
    const { verdict, risk } = judgeCommand(line, byText);
    const text = risk === 'contained' ? 'contained' : verdict;
    assert.ok((weight[verdictOf(line)] ?? 0) >= (weight[text] ?? 9), line);
  }
});

test('no rule for commands allows what a link leads to, but one for paths speaks of it', () => {
  const rules = { allow: ['cat', 'cat config.txt $'], ask: [], deny: [] };
  assert.equal(verdictOf('cat config.txt', { rules }), 'ask');
  assert.equal(judgeCommand('cat config.txt', where).pattern, undefined);
  const paths = { allow: [], ask: [], deny: ['docs/one.md', join(outside, 'left', '**')] };
  for (const line of ['cat notes.md', 'cat not*.md', 'cat node_modules/left/package.json', 'mytool notes.md'])
    assert.equal(verdictOf(line, { paths }), 'deny', line);
});

test('wildcards are followed in bounded time, and what is too much is asked for', () => {
  const many = temporaryFolder('links-many');
  for (let at = 0; at < 2_000; at += 1)
    writeFileSync(join(many, `2026-11-30T02-34-39-record-of-a-session-${at}.json`), '');
  const follow = followIn(many);
  // A search that tried each wildcard in every way there is would not end before the test's timeout.
  assert.equal(verdictOf(`cat ${'?'.repeat(40)}.ts`, { follow }), 'allow');
  assert.equal(verdictOf(`cat ${'*-'.repeat(40)}b`, { follow }), 'allow');
  const words = Array.from({ length: 100 }, (_, at) => `f${at}*`).join(' ');
  assert.equal(verdictOf(`cat ${words}`, { follow }), 'ask');
  assert.equal(verdictOf(`ls ${words}`, { follow }), 'allow');
  assert.equal(verdictOf('cat f1', { follow }), 'allow');
});

test('what a command reads through a link is known as what it is', () => {
  assert.deepEqual(readsOfLine('cat orders', '.', followIn(top)), ['orders', 'docs/AGENTS.md']);
});

test('an agent has to ask before it reads a secret through a link, as does `policy explain`', async (t) => {
  const vtcode = vtcodeHere();
  const server = await startModelServer((request) => {
    const messages = messagesOf(request);
    const call = { name: 'run_command', arguments: { command: 'cat config.txt' } };
    return {
      answer: messages.at(-1)?.role === 'tool' ? { text: `Heard: ${textOf(messages.at(-1))}` } : { calls: [call] },
    };
  });
  t.after(() => server.stop());
  useModel(vtcode, server);
  const called = await vtcode.call(['run', 'look', '--auto', '-C', top]);
  assert.match(called.stdout, /nobody is there to ask.*config\.txt leads to \.env, which may hold secrets/);
  assert.doesNotMatch(called.stdout + called.stderr, /abc/);
  const explained = await vtcode.call(['policy', 'explain', 'cat config.txt', '-C', top]);
  assert.match(explained.stdout, /asked, also by --auto[\s\S]*config\.txt leads to \.env/);
});
