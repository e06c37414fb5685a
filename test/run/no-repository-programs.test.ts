// Goal: nothing that a repository names is executed by git during a run: hooks, fsmonitor, filters, drivers, signing.
// Method: every such setting writes a mark when it runs; the marks are looked for after a run, and found after git itself.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf } from '../support/called.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const marks = temporaryFolder('marks');
const tools = temporaryFolder('tools');
const repository = sampleRepository({
  '.gitattributes': '* filter=evil diff=evil merge=evil\n',
});
after(() => {
  repository.remove();
  for (const folder of [marks, tools, join(vtcode.state, '..')]) rmSync(folder, { recursive: true, force: true });
});

/** A program that leaves a mark and else behaves well enough for git to go on. */
function program(name: string, rest = ''): string {
  const path = join(tools, name);
  writeFileSync(path, `#!/bin/sh\necho "$@" >> '${marks}/${name}'\n${rest}\n`);
  chmodSync(path, 0o755);
  return path;
}

const hooks = [
  ...['applypatch-msg', 'commit-msg', 'fsmonitor-watchman', 'post-checkout', 'post-commit', 'post-index-change'],
  ...['post-merge', 'post-rewrite', 'pre-auto-gc', 'pre-commit', 'pre-merge-commit', 'prepare-commit-msg'],
  ...['pre-rebase', 'reference-transaction', 'update', 'post-update', 'pre-receive', 'post-receive'],
];

function plant(): void {
  const folder = join(repository.root, '.git', 'hooks');
  mkdirSync(folder, { recursive: true });
  for (const hook of hooks) {
    writeFileSync(join(folder, hook), `#!/bin/sh\necho ran >> '${marks}/hook-${hook}'\n`);
    chmodSync(join(folder, hook), 0o755);
  }
  const settings: Record<string, string> = {
    'core.fsmonitor': program('fsmonitor'),
    'core.pager': program('pager', 'cat'),
    'core.editor': program('editor'),
    'core.sshCommand': program('ssh'),
    'core.alternateRefsCommand': program('alternate-refs'),
    'filter.evil.clean': program('clean', 'cat'),
    'filter.evil.smudge': program('smudge', 'cat'),
    'filter.evil.required': 'true',
    'filter.wicked.process': program('process'),
    'diff.evil.textconv': program('textconv', 'cat "$1"'),
    'diff.evil.command': program('diff-command'),
    'diff.external': program('diff-external'),
    'merge.evil.driver': `${program('merge-driver')} %A %O %B`,
    'gpg.program': program('gpg'),
    'commit.gpgSign': 'true',
    'uploadpack.packObjectsHook': program('pack-objects'),
    'alias.worktree': `!${program('alias')}`,
    'credential.helper': program('credential'),
  };
  for (const [key, value] of Object.entries(settings)) repository.git('config', key, value);
}

test('a run, with and without the uncommitted state, executes nothing of what the repository names', async () => {
  plant();
  writeFileSync(join(repository.root, '.git', 'info', 'attributes'), 'src/** filter=wicked\n');
  repository.write({ 'README.md': 'A sampl!!\n', 'src/new.ts': 'export {};\n' });
  for (const more of [[], ['--include-dirty']]) {
    const args = ['run', '--plan', sampleGoal, '--yes', '--json', ...more, '-C', repository.root];
    const called = await vtcode.call(args);
    assert.equal(called.code, 0, called.stderr);
    assert.deepEqual(readdirSync(marks), []);
    const { run } = endOf(called);
    const undone = await vtcode.call(['undo', run ?? '', 'rewrite', '--json']);
    assert.equal(undone.code, 0, undone.stderr);
    for (const command of [['list'], ['show', run ?? ''], ['gc'], ['rm', run ?? '']])
      assert.equal((await vtcode.call([...command])).code, 0);
    assert.deepEqual(readdirSync(marks), []);
  }
});

test('the same settings do run with plain git, so that their silence means something', () => {
  rmSync(join(repository.root, '.git', 'info', 'attributes'));
  // Only a file that looks touched and has the size that it had is read, and then the filter runs.
  utimesSync(join(repository.root, 'README.md'), 1, 1);
  repository.git('status');
  repository.git('-c', 'core.pager=cat', '--no-pager', 'show', '--textconv', 'HEAD:README.md');
  const seen = readdirSync(marks);
  for (const name of ['clean', 'fsmonitor', 'hook-post-index-change', 'textconv']) assert.ok(seen.includes(name), name);
});

test('a repository that set-up makes where a submodule belongs is not obeyed either', async () => {
  const evil = `mkdir -p src/sub && cd src/sub && git init -q && git config user.name e && git config user.email e@x
echo '* filter=evil' > .gitattributes && echo one > file && git add -A && git commit -qm one
git config filter.evil.clean "echo ran >> '${marks}/submodule'; cat" && echo two > file
`;
  const setup = `\n[setup]\ncommands = ["sh evil.sh"]\n`;
  const nested = sampleRepository({ 'agents.toml': `${sampleFiles['agents.toml']}${setup}`, 'evil.sh': evil });
  nested.git('update-index', '--add', '--cacheinfo', `160000,${nested.git('rev-parse', 'HEAD')},src/sub`);
  nested.git('commit', '--quiet', '-m', 'a submodule');
  const before = readdirSync(marks);
  await vtcode.call(['trust', '--yes', '-C', nested.root]);
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '--json', '-C', nested.root]);
  assert.deepEqual(readdirSync(marks), before);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(endOf(called).manifest?.tasks[0]?.files, ['src/page.ts', 'src/user.ts']);
  nested.remove();
});
