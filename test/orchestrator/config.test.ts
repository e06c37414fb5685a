// Goal: the layers of the configuration add up as agents.toml says, and a repository can only narrow.
// Method: real files in a temporary folder; whole sections of the effective configuration are compared.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../orchestrator/config.ts';
import { userPlaces } from '../../orchestrator/place.ts';

const folder = mkdtempSync(join(tmpdir(), 'vtcode-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
function file(text: string): string {
  const path = join(folder, `${++files}.toml`);
  writeFileSync(path, text);
  return path;
}
const nowhere = join(folder, 'nowhere.toml');
const { config: shipped } = loadConfig(nowhere, null);

test('without files the shipped configuration counts, and nothing is noted', () => {
  const { config, notes } = loadConfig(nowhere, nowhere);
  assert.deepEqual(config, shipped);
  assert.deepEqual(notes, []);
});

test('what is no file that can be read is told, and is no mistake of ours', () => {
  for (const [user, repository] of [
    [folder, null],
    [nowhere, folder],
  ] as const)
    assert.throws(() => loadConfig(user, repository), { code: 'config_invalid', message: /cannot be read/ });
});

test('the user’s file changes what it names and adds rules and roles', () => {
  const user = file(
    '[limits]\nagents = 9\n\n[policy.commands]\nallow = ["make"]\n\n[roles.reviewer]\nmodels = ["embedded"]\n\n[language_servers]\npython = ["pyright"]\n',
  );
  const { config } = loadConfig(user, null);
  assert.deepEqual(config.limits, { ...shipped.limits, agents: 9 });
  assert.deepEqual(config.policy.commands.allow, [...shipped.policy.commands.allow, 'make']);
  assert.deepEqual(config.roles.reviewer, shipped.roles.coder);
  assert.deepEqual(config.language_servers, { python: ['pyright'] });
});

test('a repository lowers limits, adds checks, set-up, questions and refusals', () => {
  const repository = file(
    '[limits]\nturns = 5\n\n[checks]\ndetect = false\nadd = [{ name = "t", command = "make t" }]\n\n[setup]\ncommands = ["make"]\nlink_dependencies = false\n\n[policy.commands]\nask = ["ls"]\ndeny = ["cat"]\n',
  );
  const { config, notes } = loadConfig(nowhere, repository);
  assert.deepEqual(config.limits, { ...shipped.limits, turns: 5 });
  assert.deepEqual(config.checks, {
    detect: false,
    add: [{ name: 't', command: 'make t', directory: '.', timeoutMs: 600_000 }],
    protect: [],
  });
  assert.deepEqual(config.setup, { commands: ['make'], link_dependencies: false });
  assert.deepEqual(config.policy.commands, {
    allow: shipped.policy.commands.allow,
    ask: [...shipped.policy.commands.ask, 'ls'],
    deny: [...shipped.policy.commands.deny, 'cat'],
  });
  assert.deepEqual(notes, []);
});

test('a repository takes away none of the user’s checks and protections', () => {
  const user = file('[checks]\nadd = [{ name = "mine", command = "true" }]\nprotect = ["secret/**"]\n');
  const repository = file('[checks]\nadd = [{ name = "theirs", command = "true" }]\nprotect = []\n');
  const { config } = loadConfig(user, repository);
  assert.deepEqual(
    { names: config.checks.add.map(({ name }) => name), protect: config.checks.protect },
    { names: ['mine', 'theirs'], protect: ['secret/**'] },
  );
});

test('a repository that wants more gets no more, and each thing that is ignored is named', () => {
  const repository = file(
    '[limits]\nagents = 99\ncalls = 999_999\n\n[policy.commands]\nallow = ["curl"]\n\n[roles.coder]\nprompt = "evil"\n',
  );
  const { config, notes } = loadConfig(nowhere, repository);
  assert.deepEqual(config, shipped);
  assert.equal(notes.length, 4);
  for (const [at, word] of ['limits.agents', 'limits.calls', 'policy.commands.allow', 'roles'].entries())
    assert.ok(notes[at]?.startsWith(word), notes[at]);
});

test('the state and the user’s file lie where XDG says, and relative places are not believed', () => {
  assert.deepEqual(userPlaces({ HOME: '/h' }), {
    state: '/h/.local/state/vtcode',
    configFile: '/h/.config/vtcode/agents.toml',
  });
  assert.deepEqual(userPlaces({ HOME: '/h', XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: 'relative' }), {
    state: '/s/vtcode',
    configFile: '/h/.config/vtcode/agents.toml',
  });
});
