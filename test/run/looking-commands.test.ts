// Goal: a command that was judged to only look cannot change the work tree, even where the judge was wrong; what writes
// still writes, and both see the same files and the same temporary folder.
// Method: the real program; the policy calls a writing program harmless by a rule, and looking programs try to write.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { makeRepository, temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

/** Runs lines one after the other in a folder, and gives their results. */
async function results(path: string, lines: string[], ...more: string[]): Promise<string[]> {
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const command = lines[said];
    return { answer: command ? { calls: [{ name: 'run_command', arguments: { command } }] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'look', '--auto', '-C', path, ...more]);
  assert.equal(called.code, 0, called.stderr + called.stdout);
  return messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
}

test('a program that is known to only look finds the work tree read-only, whatever it really does', {
  skip: process.platform !== 'linux',
}, async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, 'a.txt'), 'as it was\n');
  // A program of the name `cat`, first on the path, that writes: the judge knows the name only.
  mkdirSync(join(path, 'bin'));
  writeFileSync(join(path, 'bin/cat'), '#!/bin/sh\necho changed > a.txt\necho x > new.txt\n/bin/cat "$@"\n');
  chmodSync(join(path, 'bin/cat'), 0o755);
  const saved = vtcode.environment.PATH ?? '';
  vtcode.environment.PATH = `${join(path, 'bin')}:${saved}`;
  const [looked] = await results(path, ['cat a.txt']);
  vtcode.environment.PATH = saved;
  assert.match(looked ?? '', /Read-only file system|Permission denied/);
  assert.match(looked ?? '', /as it was/);
  assert.equal(readFileSync(join(path, 'a.txt'), 'utf8'), 'as it was\n');
  assert.ok(!existsSync(join(path, 'new.txt')));
});

test('looking and writing commands see the same files and the same temporary folder', async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, 'a.txt'), 'one\n');
  const [, , seen, temporary] = await results(path, [
    'cat a.txt',
    'echo two >> a.txt && echo kept > /tmp/vtcode-looking.txt',
    'cat a.txt',
    'cat /tmp/vtcode-looking.txt',
  ]);
  assert.match(seen ?? '', /one\ntwo/);
  assert.match(temporary ?? '', /kept/);
});

test('files with keys are hidden from commands that look, and there again where a person allows them', {
  skip: process.platform !== 'linux',
}, async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, '.env'), 'PLAIN=canary\n');
  mkdirSync(join(path, 'private'));
  writeFileSync(join(path, 'private/x'), 'canary\n');
  // A program that is known to print files only prints another one.
  mkdirSync(join(path, 'bin'));
  writeFileSync(join(path, 'bin/wc'), '#!/bin/sh\n/bin/cat .env private/x\n');
  chmodSync(join(path, 'bin/wc'), 0o755);
  writeFileSync(join(path, 'a.txt'), 'a\n');
  const saved = vtcode.environment.PATH ?? '';
  vtcode.environment.PATH = `${join(path, 'bin')}:${saved}`;
  const [hidden] = await results(path, ['wc a.txt']);
  assert.match(hidden ?? '', /hidden from this command/);
  assert.match(hidden ?? '', /canary/, 'no rule denies private/x yet');
  useModel(vtcode, server, 'openai-chat', '[policy.paths]\nallow = [".env"]\ndeny = ["private/**"]\n');
  const [allowed, made] = await results(path, ['wc a.txt', 'sh -c "cat private/x; true"']);
  useModel(vtcode, server);
  vtcode.environment.PATH = saved;
  assert.match(allowed ?? '', /PLAIN=canary/);
  assert.doesNotMatch(`${allowed} ${made}`.replace('PLAIN=canary', ''), /canary/);
});

test('files that instruct agents stay as they are, whatever a script does', {
  skip: process.platform !== 'linux',
}, async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, 'AGENTS.md'), 'as it was\n');
  writeFileSync(join(path, 'sneaky.sh'), 'f=AGENTS; echo evil >> $f.md; echo done > other.txt\n');
  const [ran] = await results(path, ['sh sneaky.sh']);
  assert.match(ran ?? '', /Read-only file system|Permission denied/);
  assert.equal(readFileSync(join(path, 'AGENTS.md'), 'utf8'), 'as it was\n');
  assert.equal(readFileSync(join(path, 'other.txt'), 'utf8'), 'done\n');
});

test('in a work tree keys are hidden from commands that look, and there for those that test', {
  skip: process.platform !== 'linux',
}, async () => {
  const repository = makeRepository({
    ...{ '.env.production': 'PLAIN=canary\n', 'a.txt': 'a\n', 'bin/wc': '#!/bin/sh\n/bin/cat .env.production\n' },
  });
  repository.git('update-index', '--chmod=+x', 'bin/wc');
  repository.git('commit', '-qm', 'a program');
  const saved = vtcode.environment.PATH ?? '';
  // Relative, so that it is found in the work tree.
  vtcode.environment.PATH = `bin:${saved}`;
  const [looked, tested] = await results(repository.root, ['wc a.txt', './bin/wc', 'echo b > b.txt'], '--worktree');
  vtcode.environment.PATH = saved;
  assert.match(looked ?? '', /hidden from this command/);
  assert.match(tested ?? '', /PLAIN=canary/);
});

test('git calls no file with keys changed that is as it was committed, and shows nothing of one that is not', {
  skip: process.platform !== 'linux',
}, async () => {
  const files = { '.npmrc': 'save-exact=true\n', '.docker/Dockerfile': 'FROM scratch\n', 'certs/dev.key': 'a\n' };
  const repository = makeRepository({ ...files, 'a.txt': 'a\n' });
  const lines = ['git status --short', 'git diff --stat HEAD | tail -5', 'git status --short && git diff --name-only'];
  for (const more of [[], ['--worktree']]) {
    // A task must change something.
    const asked = more.length === 0 ? lines : [...lines, 'echo b > b.txt'];
    const told = await results(repository.root, asked, ...more);
    assert.deepEqual(
      told.map((text) => text.trim()),
      asked.map(() => 'exit 0'),
    );
  }
  writeFileSync(join(repository.root, 'certs/dev.key'), 'canary\n');
  const [status, diff] = await results(repository.root, ['git status --short', 'git diff']);
  assert.match(status ?? '', /^exit 0\n M certs\/dev\.key\s*$/);
  assert.doesNotMatch(diff ?? '', /canary/);
});

test('what a rule allows writes, also where the name of its program sounds like looking', async () => {
  const path = temporaryFolder('looking');
  writeFileSync(join(path, 'build.sh'), 'echo built > out.txt\n');
  useModel(vtcode, server, 'openai-chat', '[policy.commands]\nallow = ["sh build.sh", "bash build.sh"]\n');
  const ran = await results(path, ['sh build.sh', 'bash build.sh', 'timeout 60 sh build.sh && cat out.txt']);
  useModel(vtcode, server);
  assert.doesNotMatch(ran.join('\n'), /Read-only file system|Permission denied/);
  assert.match(ran[2] ?? '', /^exit 0\nbuilt/);
});
