// Goal: a repository that is not wholly here, or in a format that this git does not know, is refused with the way out.
// Method: real clones; formats of a newer git by their entry in the configuration.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../../../ipc/fault.ts';
import { inspectRepository, ownGitDir } from '../../../orchestrator/git/repository.ts';
import { makeRepository, temporaryFolder } from '../../support/repository.ts';

const top = temporaryFolder('readable');
const repository = makeRepository({ 'src/a.txt': 'a\n', 'big/b.txt': 'b\n' });
after(() => {
  repository.remove();
  rmSync(top, { recursive: true, force: true });
});
const inspect = (folder: string) =>
  inspectRepository(folder, { includeDirty: false, environment: { PATH: process.env.PATH ?? '' }, person: {} });

async function refusal(folder: string): Promise<Fault> {
  try {
    await inspect(folder);
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error;
  }
  throw new Error('it was not refused');
}

test('a partial clone is refused until its files were fetched with the command that is named', async () => {
  repository.git('config', 'uploadpack.allowFilter', 'true');
  const clone = join(top, 'partial');
  const git = (...args: string[]) => execFileSync('git', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  git('clone', '--quiet', '--filter=blob:none', '--sparse', `file://${repository.root}`, clone);
  const fault = await refusal(clone);
  assert.equal(fault.code, 'repository_state');
  assert.match(fault.message, /^This is a partial clone\. 2 files or folders of the commit \w{10} were never fetched/);
  const [, command = ''] = /git (fetch .*)$/.exec(fault.advice ?? '') ?? [];
  git('-C', clone, ...command.split(' '));
  assert.equal((await inspect(clone)).branch, 'main');
});

test('a format that this git does not know is named, with what to install', async () => {
  const newer = makeRepository({ 'a.txt': 'a\n' });
  newer.git('config', 'core.repositoryformatversion', '1');
  newer.git('config', 'extensions.somethingnew', 'on');
  const fault = await refusal(newer.root);
  assert.match(fault.message, /uses the extension somethingnew, which this git does not know\.$/);
  assert.match(fault.advice ?? '', /^Install a newer git \(git version /);
  rmSync(newer.root, { recursive: true });
});

test('the git directory of a linked work tree is its own, where its HEAD and index lie', () => {
  const linked = join(top, 'linked');
  repository.git('worktree', 'add', '--quiet', linked);
  assert.equal(ownGitDir(linked), join(repository.git('rev-parse', '--absolute-git-dir'), 'worktrees', 'linked'));
});
