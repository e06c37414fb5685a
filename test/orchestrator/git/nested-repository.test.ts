/**
 * Goal: a repository that lies in a folder, which a program of an agent may have made, has the host's git run nothing that its
 * settings name. Method: real saves and commits of what lies in a folder, with one in it whose filter leaves a trace.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../../../orchestrator/git/git.ts';
import { saveFolder } from '../../../orchestrator/worktrees/folder-saves.ts';
import { dirtyCommit } from '../../../orchestrator/worktrees/uncommitted.ts';
import { ensurePrivateRepository } from '../../../orchestrator/worktrees/worktree.ts';
import { temporaryFolder } from '../../support/repository.ts';

/** A repository with another in it that is in its index, and what shows that something of it was run. */
function nested() {
  const top = temporaryFolder('nested');
  const [folder, trace] = [join(top, 'folder'), join(top, 'trace')];
  mkdirSync(join(folder, 'sub'), { recursive: true });
  const own = (at: string, ...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      cwd: join(folder, at),
      stdio: 'ignore',
    });
  for (const at of ['sub', '.']) {
    own(at, 'init', '-q');
    writeFileSync(join(folder, at, 'file'), 'one\n');
    own(at, 'add', '.');
    own(at, 'commit', '-qm', 'one');
  }
  for (const key of ['core.fsmonitor', 'filter.evil.clean', 'diff.external'])
    own('sub', 'config', key, `touch ${trace}; cat`);
  writeFileSync(join(folder, 'sub/.git/info/attributes'), '* filter=evil\n');
  // As long as it was: only then git has to look into it, through the filter.
  const change = (round: number) => writeFileSync(join(folder, 'sub/file'), `${round}ne\n`);
  return { top, folder, change, hasRun: () => existsSync(trace) };
}

test('saves of a folder run nothing of a repository in it', async () => {
  const { top, folder, change, hasRun } = nested();
  const saves = { store: join(top, 'store'), folder, gitDir: join(folder, '.git') };
  for (const round of [1, 2, 3]) {
    change(round);
    assert.ok('commit' in (await saveFolder(saves, new AbortController().signal)));
    assert.equal(hasRun(), false, `round ${round}`);
  }
});

test('a commit of what is not committed yet runs nothing of a repository in the folder', async () => {
  const { top, folder, change, hasRun } = nested();
  const [gitDir, own] = [join(folder, '.git'), join(top, 'private')];
  await ensurePrivateRepository({ gitDir: own }, { root: folder, gitDir }, {});
  change(1);
  const head = (await git({ gitDir }, ['rev-parse', 'HEAD'])).trim();
  const repository = { root: folder, gitDir, head } as Parameters<typeof dirtyCommit>[1];
  const words = {
    identity: { name: 'a', email: 'a@b' },
    at: new Date().toISOString(),
    index: join(top, 'index'),
    person: {},
  };
  await dirtyCommit({ gitDir: own }, repository, words);
  assert.equal(hasRun(), false);
});
