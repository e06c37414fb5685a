// Goal: a machine on which vtcode cannot work is told apart from a mistake of the person, with what to install.
// Method: a PATH without git, with an old git, a package without its runtime, an unusable sandbox; the real launcher.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { assertRefused, endOf } from '../support/called.ts';
import { temporaryFolder } from '../support/repository.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { launcher } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository();
const folder = temporaryFolder('machine');
after(() => {
  repository.remove();
  for (const path of [folder, join(vtcode.state, '..')]) rmSync(path, { recursive: true, force: true });
});
const run = ['run', '--plan', sampleGoal, '--dry-run', '-C', repository.root];

/** A folder for PATH with only these programs; a text is a shell script. */
function programs(name: string, scripts: Record<string, string>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const program of ['sh', 'uname', 'dirname', 'readlink', 'env'])
    symlinkSync(`/usr/bin/${program}`, join(path, program));
  for (const [program, text] of Object.entries(scripts)) {
    writeFileSync(join(path, program), `#!/bin/sh\n${text}\n`);
    chmodSync(join(path, program), 0o755);
  }
  return path;
}

test('without git on PATH a run is refused and told what to install', async () => {
  const environment = { PATH: programs('without-git', {}) };
  const says = [/git cannot be started/, /Install git 2\.38 or newer/];
  await assertRefused(vtcode, run, { exitCode: 2, code: 'git_unavailable', says }, { environment });
});

test('a git that is too old is refused by its version', async () => {
  const environment = { PATH: programs('old-git', { git: 'echo git version 2.30.0' }) };
  const says = [/too old \(git version 2\.30\.0\); vtcode needs 2\.38/, /Install a newer git/];
  await assertRefused(vtcode, run, { exitCode: 2, code: 'git_unavailable', says }, { environment });
});

test('without the shipped runtime and with an old Node the launcher says what to do', async () => {
  const copy = join(folder, 'package');
  mkdirSync(join(copy, 'cli'), { recursive: true });
  cpSync(launcher, join(copy, 'cli', 'vtcode'));
  const old = 'case "$1" in -p) echo 20011 ;; *) echo v20.11.0 ;; esac';
  for (const [name, scripts, found] of [
    ['old-node', { node: old }, 'v20.11.0'],
    ['no-node', {}, 'none'],
  ] as const) {
    const called = spawnSync(join(copy, 'cli', 'vtcode'), ['--version'], {
      env: { PATH: programs(name, scripts) },
      encoding: 'utf8',
    });
    assert.equal(called.status, 2, called.stderr);
    assert.equal(called.stdout, '');
    assert.match(called.stderr, new RegExp(`needs Node 22\\.18 or newer, and found ${found}\\.`));
    assert.match(called.stderr, /Install vtcode again without that option, or install a newer Node/);
  }
});

test('a newer Node on PATH is taken when the shipped runtime is not there', async () => {
  const copy = join(folder, 'linked');
  mkdirSync(join(copy, 'cli'), { recursive: true });
  cpSync(launcher, join(copy, 'cli', 'vtcode'));
  writeFileSync(join(copy, 'cli', 'main.ts'), `process.stdout.write('started ' + process.argv[2]);\n`);
  const path = programs('new-node', {});
  symlinkSync(process.execPath, join(path, 'node'));
  const called = spawnSync(join(copy, 'cli', 'vtcode'), ['hello'], { env: { PATH: path }, encoding: 'utf8' });
  assert.deepEqual({ code: called.status, out: called.stdout }, { code: 0, out: 'started hello' });
});

test('without a name and an address git commits fall back to vtcode, and the run says so', async () => {
  const anonymous = sampleRepository();
  anonymous.git('config', '--unset', 'user.name');
  anonymous.git('config', '--unset', 'user.email');
  const before = fingerprint(anonymous);
  const environment = { HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const args = ['run', '--plan', sampleGoal, '--yes', '--json', '-C', anonymous.root];
  const called = await vtcode.call(args, { environment });
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.match(manifest?.warnings.join('\n') ?? '', /no user\.name and user\.email here: .* vtcode <vtcode@localhost>/);
  const author = anonymous.git('log', '-1', '--format=%an <%ae> %cn <%ce>', manifest?.branch ?? '');
  assert.equal(author, 'vtcode <vtcode@localhost> vtcode <vtcode@localhost>');
  assert.deepEqual(fingerprint(anonymous), before);
  anonymous.remove();
});

test('a folder that is not ours in front of the launcher does not matter: it is found through links', async () => {
  const link = join(folder, 'linked-vtcode');
  symlinkSync(launcher, link);
  const called = spawnSync(link, ['--version'], { cwd: dirname(folder), encoding: 'utf8' });
  assert.match(called.stdout, /^vtcode \d+\.\d+\.\d+\n$/);
});

test('where the walls cannot be built nothing of the repository is run, and the run says why', async (t) => {
  if (process.platform !== 'linux') return t.skip('Landlock is a part of Linux');
  const before = fingerprint(repository);
  const helper = join(import.meta.dirname, 'without-call.ts');
  const words = [
    helper,
    'landlock_create_ruleset',
    launcher,
    'run',
    '--plan',
    sampleGoal,
    '--yes',
    '--json',
    '-C',
    repository.root,
  ];
  const env = vtcode.environment;
  const called = spawnSync(process.execPath, words, { env, encoding: 'utf8', timeout: 20_000 });
  const end = endOf({ code: called.status, signal: null, stdout: called.stdout, stderr: called.stderr });
  assert.deepEqual(
    { code: called.status, fault: end.error?.code, tip: end.manifest?.tip, walls: end.manifest?.walls },
    { code: 2, fault: 'sandbox_unavailable', tip: null, walls: '' },
    called.stderr,
  );
  assert.match(called.stderr, /no Landlock[\s\S]*vtcode doctor/);
  assert.deepEqual(fingerprint(repository), before);
});

test('two runs of one repository at the same time do not disturb each other', async () => {
  const args = ['run', '--plan', sampleGoal, '--yes', '--json', '-C', repository.root];
  const both = await Promise.all([vtcode.call(args), vtcode.call(args)]);
  const trees = both.map((called) => {
    assert.equal(called.code, 0, called.stderr);
    return repository.git('rev-parse', `${endOf(called).manifest?.branch}^{tree}`);
  });
  assert.equal(trees[0], trees[1]);
});
