/**
 * Goal: a save of a folder never waits for what lies in it, keeps all that a person could miss, and nothing is brought back over
 * what was not kept. Method: real saves of folders that are made as awkward as a repository or a program could.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreFolder, saveFolder } from '../../../orchestrator/worktrees/folder-saves.ts';
import { temporaryFolder } from '../../support/repository.ts';

const never = new AbortController().signal;

/** A repository, what a shell says in it, and saves of it. */
function repository() {
  const top = temporaryFolder('saves');
  const folder = join(top, 'folder');
  mkdirSync(folder);
  const environment = { PATH: process.env.PATH ?? '', GIT_CONFIG_GLOBAL: '/dev/null' };
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
  const options = { encoding: 'utf8' as const, env: { ...environment, ...who }, stdio: 'pipe' as const };
  const shell = (words: string, cwd = folder) => execFileSync('sh', ['-ec', words], { cwd, ...options });
  shell('git init -q');
  const saves = { store: join(top, 'store'), folder, gitDir: join(folder, '.git') };
  const save = async () => {
    const saved = await saveFolder(saves, never);
    return 'commit' in saved ? saved : assert.fail(saved.why);
  };
  const kept = (commit: string) => shell(`git --git-dir=${saves.store} ls-tree -r --name-only ${commit}`).split('\n');
  return { top, folder, saves, shell, save, kept, text: (path: string) => readFileSync(join(folder, path), 'utf8') };
}

for (const name of ['.gitignore', '.gitattributes', 'below/.gitignore'])
  test(`a pipe called ${name} ends a save with its host, not the host with the save`, async () => {
    const { saves, shell } = repository();
    shell(`mkdir below; echo 1 > below/file; mkfifo ${name}`);
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 500);
    assert.ok('why' in (await saveFolder(saves, leaving.signal)));
  });

test('a pipe in place of the list of what is ignored is no list', async () => {
  const { saves, shell, save, kept } = repository();
  shell('echo 1 > file; rm .git/info/exclude; mkfifo .git/info/exclude');
  assert.deepEqual(kept((await save()).commit), ['file', '']);
  assert.equal(statSync(saves.store).mode & 0o777, 0o700, 'nobody else looks into saves');
});

test('what a person ignores in .git/info/exclude is not saved in a linked work tree either', async () => {
  const { top, shell, saves, kept } = repository();
  shell('echo 1 > file; git add .; git commit -qm 1; echo secret > .git/info/exclude; git worktree add -q ../linked');
  const folder = join(top, 'linked');
  writeFileSync(join(folder, 'secret'), 'mine');
  const saved = await saveFolder({ ...saves, folder, gitDir: join(folder, '.git') }, never);
  assert.deepEqual('commit' in saved && kept(saved.commit), ['file', '']);
});

test('what a person ignores everywhere is in no save', async () => {
  const { top, shell, saves, kept } = repository();
  shell(
    'echo 1 > file; echo mine > my.secret; mkdir -p ../home/.config/git; echo "*.secret" > ../home/.config/git/ignore',
  );
  const saved = await saveFolder(
    { ...saves, person: { HOME: join(top, 'home'), PATH: process.env.PATH ?? '' } },
    never,
  );
  assert.deepEqual('commit' in saved && kept(saved.commit), ['file', '']);
});

test('what git follows although it is ignored is brought back', async () => {
  const { saves, shell, save, text } = repository();
  shell('echo "*.made" > .gitignore; echo one > a.made; git add -f .; git commit -qm 1; echo mine > other.made');
  const { commit } = await save();
  shell('echo two > a.made; echo changed > other.made');
  await restoreFolder(saves, commit, () => {});
  assert.deepEqual([text('a.made'), text('other.made')], ['one\n', 'changed\n']);
});

test('what git cannot keep is said, and the rest is kept', async () => {
  const { shell, save, kept } = repository();
  shell('echo 1 > file; git init -q empty; echo 1 > empty/file; echo 1 > "git~1"');
  const { commit, without } = await save();
  assert.deepEqual(kept(commit), ['file', '']);
  assert.match(without, /empty|git~1/);
});

test('what is ignored and in the way is saved before something is brought back in its place', async () => {
  const { top, saves, shell, save, folder, text } = repository();
  shell('mkdir folder; echo 1 > folder/file; echo 1 > file');
  const { commit } = await save();
  mkdirSync(join(top, 'outside'));
  writeFileSync(join(top, 'outside', 'file'), 'outside');
  shell('rm -r folder file; mkdir file; echo precious > file/mine; printf "/folder\\n/file\\n" > .gitignore');
  symlinkSync('../outside', join(folder, 'folder'));
  let noted = '';
  const now = await restoreFolder(saves, commit, (found) => {
    noted = found;
    assert.equal(text('file/mine'), 'precious\n', 'it is noted before anything is changed');
  });
  assert.equal(noted, now);
  assert.deepEqual([text('file'), text('folder/file')], ['1\n', '1\n']);
  assert.equal(readFileSync(join(top, 'outside', 'file'), 'utf8'), 'outside');
  await restoreFolder(saves, now, () => {});
  assert.equal(text('file/mine'), 'precious\n');
});

for (const has of ['no commit', 'a commit'])
  test(`a repository with ${has} that is in the way is left alone, with all else`, async () => {
    const { saves, shell, save, text } = repository();
    shell('echo 1 > a; echo 1 > b');
    const { commit } = await save();
    shell('echo 2 > a; rm b; mkdir b; git init -q b; echo 2 > b/file');
    if (has === 'a commit') shell('cd b; git add .; git commit -qm 1; cd ..; echo 3 > b/file');
    await assert.rejects(
      restoreFolder(saves, commit, () => assert.fail('nothing is to be changed')),
      /A repository lies in b, where a file is to be brought back/,
    );
    assert.deepEqual([text('a'), text('b/file')], ['2\n', has === 'a commit' ? '3\n' : '2\n']);
  });
