// Goal: a mistake in agents.toml or in a plan file is told with file, line and what was expected, before a run exists.
// Method: one repository; for each mistake the file is written and the real launcher called.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { assertRefused, endOf } from '../support/called.ts';
import { planText, sampleFiles, sampleGoal, sampleRepository } from '../support/sample.ts';
import { fingerprint } from '../support/untouched.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository();
const configFolder = join(vtcode.environment.XDG_CONFIG_HOME ?? '', 'vtcode');
const userFile = join(configFolder, 'agents.toml');
mkdirSync(configFolder, { recursive: true });
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

const mistakes: [name: string, text: string, says: RegExp[]][] = [
  ['a line that is no TOML', '[limits]\nagents = = 2\n', [/agents\.toml:2: /]],
  ['a value of the wrong type', '[limits]\nturns = 5\nagents = "four"\n', [/agents\.toml:3: limits\.agents: expected/]],
  ['a number below its least', '[limits]\nagents = 0\n', [/agents\.toml:2: limits\.agents: /]],
  ['an unknown key', '[limits]\nagent = 4\n', [/agents\.toml:2: unknown key limits\.agent; did you mean agents\?/]],
  ['an unknown table', '[limit]\nagents = 4\n', [/agents\.toml:1: unknown key limit; did you mean limits\?/]],
  ['a check without a command', '[checks]\nadd = [{ name = "unit" }]\n', [/agents\.toml:2: checks\.add\.0\.command: /]],
];

for (const [name, text, says] of mistakes) {
  test(`${name} in the agents.toml of the user, then of the repository, is told with file and line`, async () => {
    const args = ['run', '--plan', sampleGoal, '--dry-run', '-C', repository.root];
    writeFileSync(userFile, text);
    const wanted = { exitCode: 2, code: 'config_invalid' };
    await assertRefused(vtcode, args, { ...wanted, says: [new RegExp(escaped(userFile)), ...says] });
    rmSync(userFile);
    repository.write({ 'agents.toml': text });
    const before = fingerprint(repository);
    const place = new RegExp(escaped(join(repository.root, 'agents.toml')));
    await assertRefused(vtcode, args, { ...wanted, says: [place, ...says] });
    assert.deepEqual(fingerprint(repository), before);
    repository.git('checkout', '--quiet', 'agents.toml');
  });
}

function escaped(path: string): string {
  return path.replaceAll('.', '\\.');
}

test('a repository can only narrow: what it may not say is ignored and named in the plan', async () => {
  const wide = `[limits]\nagents = 400\nturns = 7\n\n${sampleFiles['agents.toml']}\n[policy.commands]\nallow = ["curl"]\ndeny = ["ls"]\n
[language_servers]\npython = ["./evil"]\n\n[roles.coder]\nmodels = ["other"]\n`;
  const greedy = sampleRepository({ 'agents.toml': wide });
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--dry-run', '--json', '-C', greedy.root]);
  const { manifest } = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.deepEqual(manifest?.warnings, [
    'limits.agents = 400 is ignored: a repository can only lower a limit.',
    'policy.commands.allow is ignored: a repository cannot allow commands.',
    'roles is ignored: a repository cannot change models, prompts or tools.',
    'language_servers is ignored: a repository cannot name programs to start.',
  ]);
  const created = JSON.parse(called.stdout.split('\n')[0] ?? '') as { config: Config };
  const { limits, policy, roles, language_servers } = created.config;
  assert.deepEqual(
    {
      agents: limits.agents,
      turns: limits.turns,
      models: roles.coder?.models,
      language_servers,
      curl: policy.commands.allow.includes('curl'),
      ls: policy.commands.deny.includes('ls'),
    },
    { agents: 4, turns: 7, models: ['embedded'], language_servers: {}, curl: false, ls: true },
  );
  greedy.remove();
});

type Config = {
  limits: Record<string, number>;
  policy: { commands: { allow: string[]; deny: string[] } };
  roles: Record<string, { models: string[] }>;
  language_servers: Record<string, string[]>;
};

const two = planText(['one|fetchUser|loadUser|src/page.ts', 'two|dropUser|removeUser|src/user.ts|one']);
const plans: [name: string, text: string, says: RegExp[]][] = [
  ['is no TOML', 'goal = = 1\n', [/plan\.toml:1: /]],
  ['lacks a key', `${two}\n[[tasks]]\nid = "three"\n`, [/plan\.toml:16: tasks\.2\.title: /]],
  [
    'has an unknown key',
    two.replace('title = "Replace dropUser"', '$&\nchekcs = []'),
    [/plan\.toml:12: unknown key tasks\.1\.chekcs; did you mean checks\?/],
  ],
  [
    'has a circle',
    two.replace('prompt = "Replace `f', 'after = ["two"]\nprompt = "Replace `f'),
    [/circle: one → two → one/],
  ],
  ['has an unknown role', two.replace('prompt = "Replace `f', 'role = "codr"\nprompt = "R'), [/role 'codr'.*'coder'/]],
  ['waits for an unknown task', two.replace('["one"]', '["on"]'), [/'two' waits for unknown task 'on'.*'one'/]],
  ['has two tasks of one name', two.replace('"two"', '"one"').replace('after = ["one"]\n', ''), [/two tasks.*'one'/]],
  ['has scopes that meet', overlapping(''), [/'one' and 'two' may run at the same time/, /'after'/]],
  [
    'asks for a check it lacks',
    two.replace('prompt = "Replace `f', 'checks = ["unt"]\nprompt = "R'),
    [/'unt'.*'unit'/],
  ],
  ['has no task', 'goal = "x"\ntasks = []\n', [/the plan has no task/]],
  ['has a task without a scope', two.replace('["src/page.ts"]', '[]'), [/'one' has no write scope/]],
];

function overlapping(after: string): string {
  return planText(['one|fetchUser|loadUser|src/**', `two|dropUser|removeUser|src/user.ts|${after}`]);
}

for (const [name, text, says] of plans) {
  test(`a plan file that ${name} is refused with what to mend`, async () => {
    const file = join(vtcode.state, '..', 'plan.toml');
    writeFileSync(file, text);
    await assertRefused(vtcode, ['run', '--plan-file', file, '--yes', '-C', repository.root], {
      exitCode: 2,
      code: 'plan_invalid',
      says: [/plan\.toml/, ...says],
    });
  });
}

test('a plan file that is not there is refused with the command that makes one', async () => {
  await assertRefused(vtcode, ['run', '--plan-file', '/nowhere/plan.toml', '-C', repository.root], {
    exitCode: 2,
    code: 'plan_invalid',
    says: [/no plan file \/nowhere\/plan\.toml/, /--save-plan/],
  });
});

test('a folder instead of a plan file is refused', async () => {
  const wanted = { exitCode: 2, code: 'plan_invalid', says: [/ is not a file/] };
  await assertRefused(vtcode, ['run', '--plan-file', repository.root, '-C', repository.root], wanted);
});

test('scopes that meet are allowed between ordered tasks, and a saved plan can be run again', async () => {
  const file = join(vtcode.state, '..', 'ordered.toml');
  const saved = join(vtcode.state, '..', 'saved.toml');
  writeFileSync(file, overlapping('one'));
  const dry = await vtcode.call([
    ...['run', '--plan-file', file, '--dry-run', '--save-plan', saved, '--json'],
    ...['-C', repository.root],
  ]);
  assert.equal(dry.code, 0, dry.stderr);
  const called = await vtcode.call(['run', '--plan-file', saved, '--yes', '--json', '-C', repository.root]);
  const { manifest } = endOf(called);
  assert.deepEqual(
    manifest?.tasks.map(({ id, state, files }) => ({ id, state, files })),
    [
      { id: 'one', state: 'merged', files: ['src/page.ts', 'src/user.ts'] },
      { id: 'two', state: 'merged', files: ['src/user.ts'] },
    ],
    called.stderr,
  );
});

test('a check that a task asks for and nobody finds is refused before anything is worked', async () => {
  const plain = sampleRepository({
    'agents.toml': '',
    'package.json': '{ "scripts": { "test": "sh check.sh" } }\n',
  });
  const file = join(vtcode.state, '..', 'detected.toml');
  const before = fingerprint(plain);
  const plan = (check: string) =>
    planText(['one|fetchUser|loadUser|src/**']).replace('prompt', `checks = ["${check}"]\nprompt`);
  writeFileSync(file, plan('tes'));
  const called = await vtcode.call(['run', '--plan-file', file, '--yes', '--json', '-C', plain.root]);
  const { manifest } = endOf(called);
  assert.deepEqual({ code: called.code, tip: manifest?.tip }, { code: 2, tip: null }, called.stderr);
  assert.match(manifest?.reason ?? '', /'one': no check is called 'tes' \(did you mean 'test'\?\)/);
  writeFileSync(file, plan('test'));
  const good = await vtcode.call(['run', '--plan-file', file, '--yes', '--json', '-C', plain.root]);
  assert.deepEqual({ code: good.code, verified: endOf(good).manifest?.verified }, { code: 0, verified: true });
  assert.deepEqual(fingerprint(plain), before);
  plain.remove();
});

test('a plan that cannot be saved is refused before it is made', async () => {
  const args = ['run', '--plan', sampleGoal, '--dry-run', '--save-plan', '/nowhere/plan.toml', '-C', repository.root];
  await assertRefused(vtcode, args, { exitCode: 2, code: 'usage', says: [/\/nowhere is not a folder/] });
});
