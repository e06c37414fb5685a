// Goal: in a person's own folder git does what a person allowed, with their name and hooks, and nothing that lies in the
// folder can change what it obeys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleRepository } from '../support/sample.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
after(() => server.stop());

/** The run of the last call of `heardOf`. */
let newest = '';

/** Has the model run these lines, with these rules; answers what it heard of each. */
async function heardOf(root: string, lines: string[], allow: string[]): Promise<string[]> {
  useModel(vtcode, server, 'openai-chat', `[policy.commands]\nallow = ${JSON.stringify(allow)}\n`);
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const command = lines[said];
    return {
      answer: command === undefined ? { text: 'Done.' } : { calls: [{ name: 'run_command', arguments: { command } }] },
    };
  });
  const called = await vtcode.call(['run', 'do it', '--auto', '--json', '-C', root]);
  assert.equal(called.code, 0, called.stderr);
  newest = /"run":"(run_\w+)"/.exec(called.stdout)?.[1] ?? '';
  return messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
}

const hook = (root: string, name: string, text: string) =>
  writeFileSync(join(root, '.git', 'hooks', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

test('add and commit work with the rule that allows them, with the name and the hooks of the person', async () => {
  const repository = sampleRepository();
  const git = (...args: string[]) => execFileSync('git', ['-C', repository.root, ...args], { encoding: 'utf8' });
  git('config', 'user.name', 'Ada');
  hook(repository.root, 'pre-commit', 'echo hooked; touch .hooked');
  const [first, second, third] = await heardOf(
    repository.root,
    [
      'echo new > new.txt',
      `cd ${repository.root} && git add -A && git commit -m "$(cat <<'EOF'\nfeat: new\n\nbody\nEOF\n)"`,
      'git checkout -b topic && git status',
    ],
    ['git commit', 'git checkout'],
  );
  assert.match(first ?? '', /exit 0/);
  assert.match(second ?? '', /exit 0[\s\S]*feat: new/);
  assert.match(second ?? '', /hooked/);
  assert.match(third ?? '', /On branch topic/);
  assert.equal(git('log', '-1', '--format=%an %B').trim(), 'Ada feat: new\n\nbody');
  assert.ok(existsSync(join(repository.root, '.hooked')));
  repository.remove();
});

test('without a rule and without a person, no commit is made and no branch changes; a hook that refuses is heard', async () => {
  const repository = sampleRepository();
  hook(repository.root, 'pre-commit', 'echo not today >&2; exit 1');
  const head = () => execFileSync('git', ['-C', repository.root, 'rev-parse', 'HEAD'], { encoding: 'utf8' });
  const before = head();
  const refused = await heardOf(
    repository.root,
    ['git commit --allow-empty -m x', 'git branch -D main', 'git stash'],
    [],
  );
  for (const text of refused) assert.match(text, /needs a person/);
  const [hooked] = await heardOf(repository.root, ['git commit --allow-empty -m x'], ['git commit']);
  assert.match(hooked ?? '', /exit 1\nnot today/);
  assert.equal(head(), before);
  repository.remove();
});

test('files are brought back to their committed state, after a save of what they were', async () => {
  const repository = sampleRepository();
  const file = join(repository.root, 'src', 'user.ts');
  const committed = readFileSync(file, 'utf8');
  writeFileSync(file, 'mine\n');
  const [back] = await heardOf(repository.root, ['git checkout -- src/user.ts'], []);
  assert.match(back ?? '', /exit 0/);
  assert.equal(readFileSync(file, 'utf8'), committed);
  await vtcode.call(['rewind', newest]);
  assert.equal(readFileSync(file, 'utf8'), 'mine\n');
  repository.remove();
});

test('a repository that a command made inside the folder is not obeyed', async () => {
  const repository = sampleRepository();
  const script = `const fs = require('fs'); const g = 'inner/.g' + 'it';
for (const d of ['/objects', '/refs/heads', '/hooks']) fs.mkdirSync(g + d, { recursive: true });
fs.writeFileSync(g + '/HEAD', 'ref: refs/heads/main\\n');
fs.writeFileSync(g + '/config', '[core]\\nrepositoryformatversion = 0\\nfsmonitor = touch ${repository.root}/evil\\n');
for (const h of ['pre-commit', 'post-commit', 'post-checkout']) fs.writeFileSync(g + '/hooks/' + h, '#!/bin/sh\\ntouch ${repository.root}/evil\\n', { mode: 0o755 });
fs.writeFileSync('inner/a.txt', 'a');`;
  writeFileSync(join(repository.root, 'make.cjs'), script);
  await heardOf(
    repository.root,
    ['node make.cjs', 'cd inner && git add a.txt && git commit -m x', 'git add -A', 'git status && git commit -am y'],
    ['git commit'],
  );
  assert.equal(existsSync(join(repository.root, 'evil')), false);
  repository.remove();
});

test('hooks that lie in the folder, where an agent can write, run only with what a person allowed', async () => {
  const repository = sampleRepository();
  execFileSync('git', ['-C', repository.root, 'config', 'core.hooksPath', 'tools/hooks']);
  const script = `const fs = require('fs'); fs.mkdirSync('tools/hooks', { recursive: true });
for (const h of ['post-index-change', 'post-checkout']) fs.writeFileSync('tools/hooks/' + h, '#!/bin/sh\\ntouch ${repository.root}/evil\\n', { mode: 0o755 });`;
  writeFileSync(join(repository.root, 'make.cjs'), script);
  writeFileSync(join(repository.root, 'a.txt'), 'a');
  const heard = await heardOf(repository.root, ['node make.cjs', 'git add a.txt', 'git checkout -- src/user.ts'], []);
  for (const text of heard) assert.match(text, /exit 0/);
  assert.equal(existsSync(join(repository.root, 'evil')), false);
  repository.remove();
});

test('in a linked work tree a commit goes to the branch of that tree, and the main one stays as it is', async () => {
  const repository = sampleRepository();
  const linked = join(temporaryFolder('linked'), 'tree');
  repository.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const main = repository.git('rev-parse', 'main');
  const [, committed] = await heardOf(
    linked,
    ['echo new > new.txt', 'git add -A && git commit -m "on the side"'],
    ['git commit'],
  );
  assert.match(committed ?? '', /exit 0[\s\S]*\[side \w+\] on the side/);
  assert.equal(repository.git('rev-parse', 'main'), main);
  assert.equal(repository.git('status', '--porcelain'), '');
  assert.equal(repository.git('show', '--format=', '--name-only', 'side'), 'new.txt');
  rmSync(join(linked, '..'), { recursive: true });
  repository.remove();
});
