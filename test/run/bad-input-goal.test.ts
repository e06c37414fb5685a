// Goal: a goal that cannot be worked is answered with what to do instead, and leaves the repository as it was.
// Method: the real launcher on small repositories; exit codes, faults, words and the user's files are compared.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertRefused, endOf } from '../support/called.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository({
  'src/one.ts': `export function load(): number {\n  return 1;\n}\n`,
  'src/two.ts': `export function load(): number {\n  return 2;\n}\n`,
  'src/lost.ts': `// It leads nowhere.\nimport { dropUser } from './gone.ts';\n`,
});
const untouched = fingerprint(repository);
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

/** Works a goal to its end and asserts that it failed as a run: with a branch nowhere and nothing of the user's changed. */
async function assertFails(goal: string, wanted: { code: string; says: RegExp[] }, more: string[] = ['--yes']) {
  const called = await vtcode.call(['run', '--plan', goal, ...more, '--json', '-C', repository.root]);
  const end = endOf(called);
  const finished = called.stdout.split('\n').find((line) => line.includes('"run.finished"')) ?? '{}';
  assert.deepEqual(
    { code: called.code, outcome: end.manifest?.outcome, fault: (JSON.parse(finished) as { code?: string }).code },
    { code: 2, outcome: 'failed', fault: wanted.code },
    called.stderr + called.stdout.slice(-600),
  );
  const words = `${end.manifest?.reason}\n${end.manifest?.advice}`;
  for (const pattern of wanted.says) assert.match(words, pattern);
  assert.equal(repository.git('branch', '--list', 'vtcode/*'), '');
  assert.deepEqual(fingerprint(repository), untouched);
  return end;
}

test('an unknown symbol is answered with the one that was probably meant', async () => {
  await assertFails('rename fetchUsr to loadUser', { code: 'symbol_not_found', says: [/fetchUsr/, /fetchUser/] });
});

test('an ambiguous symbol is answered with every place it may mean', async () => {
  await assertFails('rename load to read', {
    code: 'symbol_ambiguous',
    says: [/src\/one\.ts:1:17/, /src\/two\.ts:1:17/],
  });
});

test('a new name that is taken in the same scope is refused before anything is written', async () => {
  await assertFails('rename fetchUser to dropUser', { code: 'name_clash', says: [/dropUser/, /src\/user\.ts:\d+/] });
});

test('a goal of no known kind ends with the kinds there are, every time', async () => {
  const says = [
    /rename a symbol/,
    /replace a code pattern/,
    /change an import source/,
    /move a module/,
    /agents\.toml/,
  ];
  for (let time = 0; time < 4; time += 1) await assertFails('make it nice', { code: 'goal_unsupported', says });
});

test('places that cannot be decided stop the plan with file, line and reason', async () => {
  const end = await assertFails('rename dropUser to removeUser', {
    code: 'sites_unplaced',
    says: [/src\/lost\.ts:2:10 +the import of/, /--accept-unplaced/],
  });
  assert.deepEqual(
    end.manifest?.unplaced.map(({ path, line }) => `${path}:${line}`),
    ['src/lost.ts:2'],
  );
});

test('with --accept-unplaced the rest is done, and the undecided places are in the manifest', async () => {
  const args = ['run', '--plan', 'rename dropUser to removeUser', '--yes', '--accept-unplaced', '--json'];
  const called = await vtcode.call([...args, '-C', repository.root]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(
    { outcome: manifest?.outcome, unplaced: manifest?.sites.unplaced, path: manifest?.unplaced[0]?.path },
    { outcome: 'done', unplaced: 1, path: 'src/lost.ts' },
  );
  const changed = repository.git('diff', '--name-only', 'HEAD', manifest?.branch ?? '');
  assert.equal(changed, 'src/user.ts');
  assert.deepEqual(fingerprint(repository), untouched);
  repository.git('branch', '--quiet', '-D', manifest?.branch ?? '');
});

const usage = (...says: RegExp[]) => ({ exitCode: 2, code: 'usage', says });
const inRepository = ['-C', repository.root];

test('an empty goal, a missing one, two of them and a dry run of none are bad usage', async () => {
  await assertRefused(vtcode, ['run', '--plan', '  ', ...inRepository], usage(/goal is (empty|missing)/, /vtcode run/));
  await assertRefused(vtcode, ['run', ...inRepository], usage(/goal is missing/, /vtcode run --plan/));
  await assertRefused(vtcode, ['run', '--plan', ...inRepository], usage(/goal is missing/));
  await assertRefused(
    vtcode,
    ['run', sampleGoal, '--dry-run', ...inRepository],
    usage(/--dry-run is for runs with a plan/),
  );
  await assertRefused(
    vtcode,
    ['run', '--plan', sampleGoal, 'rename c to d', ...inRepository],
    usage(/One goal at a time: got 'replace `fetchUser` by `loadUser`' and 'rename c to d'/),
  );
  await assertRefused(
    vtcode,
    ['run', '--plan', sampleGoal, '--plan-file', 'x.toml', ...inRepository],
    usage(/cannot be given together/),
  );
});

test('unknown options and commands are answered with the one that was probably meant', async () => {
  await assertRefused(vtcode, ['run', '--plam', 'x'], usage(/unknown option '--plam'/, /--plan/));
  await assertRefused(vtcode, ['rnu'], usage(/unknown command 'rnu'/, /run/));
  await assertRefused(vtcode, ['show'], usage(/missing required argument 'run'/));
  const bare = await vtcode.call([]);
  assert.deepEqual([bare.code, /is missing.*vtcode run "/s.test(bare.stderr)], [2, true], bare.stderr);
});

test('help names the exit codes and ends with 0', async () => {
  for (const words of [['--help'], ['run', '--help']]) {
    const called = await vtcode.call(words);
    assert.equal(called.code, 0);
    for (const code of ['0 done', '1 finished', '2 bad usage', '3 waiting', '4 stopped', '130 interrupted'])
      assert.ok(called.stdout.includes(code), `${words.join(' ')}: ${code}`);
  }
});
