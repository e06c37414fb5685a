// Goal: the layers of the configuration add up as agents.toml says, and a repository can only narrow.
// Method: real files in a temporary folder; whole sections of the effective configuration are compared.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { config, modelSettings } from '../../../ipc/config.ts';
import type { Fault } from '../../../ipc/fault.ts';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { setTrust } from '../../../orchestrator/config/trust.ts';
import { userPlaces } from '../../../orchestrator/environment/environment.ts';
import { toolbox } from '../../../tools/contracts/toolbox.ts';

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
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const [user, repository] of [
    [folder, null],
    [nowhere, folder],
    [nowhere, pipe],
  ] as const)
    assert.throws(() => loadConfig(user, repository), { code: 'config_invalid', message: /cannot be read/ });
});

test('the user’s file changes what it names and adds rules and roles', () => {
  const user = file(
    '[limits]\nagents = 9\n\n[policy.commands]\nallow = ["make"]\n\n[roles.auditor]\nmodels = ["embedded"]\n\n[language_servers]\npython = ["pyright"]\n',
  );
  const { config } = loadConfig(user, null);
  assert.deepEqual(config.limits, { ...shipped.limits, agents: 9 });
  assert.deepEqual(config.policy.commands.allow, [...shipped.policy.commands.allow, 'make']);
  assert.deepEqual(config.roles.auditor, { ...shipped.roles.coder, models: ['embedded'] });
  assert.deepEqual(config.language_servers, { python: ['pyright'] });
});

test('a repository lowers limits, adds checks, set-up, questions and refusals', () => {
  const repository = file(
    '[limits]\nturns = 5\nreserve_mb = 900\n\n[checks]\ndetect = false\nadd = [{ name = "t", command = "make t" }]\n\n[setup]\ncommands = ["make"]\nlink_dependencies = false\n\n[policy.commands]\nask = ["ls"]\ndeny = ["cat"]\n\n[policy.paths]\ndeny = ["billing/**"]\n',
  );
  const untrusted = loadConfig(nowhere, repository);
  assert.deepEqual(untrusted.config.setup.commands, []);
  assert.match(untrusted.notes.join(), /setup\.commands of .* is ignored until you trust it/);
  const user = file('');
  setTrust(user, dirname(repository), [{ path: basename(repository), text: readFileSync(repository, 'utf8') }]);
  const { config, notes } = loadConfig(user, repository);
  // What is to stay free is raised: less is done then.
  assert.deepEqual(config.limits, { ...shipped.limits, turns: 5, reserve_mb: 900 });
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
  assert.deepEqual(config.policy.paths, { allow: [], ask: [], deny: ['billing/**'] });
  assert.deepEqual(notes, []);
  const wider = loadConfig(nowhere, file('[policy.paths]\nallow = ["/**"]\n'));
  assert.deepEqual([wider.config.policy.paths.allow, wider.notes.length], [[], 1]);
  // What asks for nothing is no news.
  const empty = file('[setup]\ncommands = []\n\n[policy.paths]\nallow = []\n\n[policy.commands]\nallow = []\n');
  assert.deepEqual(loadConfig(nowhere, empty).notes, []);
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

test('providers, deadlines and the keys of roles are the user’s to set', () => {
  const user = file(
    '[models]\nidle_seconds = 7\n\n[limits]\nusd = 1.5\n\n[providers.atlas]\nbase_url = "https://a.example/v1"\nformat = "openai-chat"\napi_key_env = "ATLAS_KEY"\nquirks = { nineCharacterIds = true }\n\n[providers.atlas.models."x/y"]\ncontext_tokens = 64_000\nusd_per_million = { input = 1, output = 2 }\n\n[roles.coder]\nmodels = ["atlas/x/y", "openai", "embedded"]\neffort = "high"\n',
  );
  const { config } = loadConfig(user, null);
  assert.deepEqual(config.models, { ...shipped.models, idle_seconds: 7 });
  assert.equal(config.limits.usd, 1.5);
  assert.deepEqual(config.providers, {
    atlas: {
      base_url: 'https://a.example/v1',
      format: 'openai-chat',
      api_key_env: 'ATLAS_KEY',
      quirks: { nineCharacterIds: true },
      models: { 'x/y': { context_tokens: 64_000, usd_per_million: { input: 1, output: 2 } } },
    },
  });
  assert.deepEqual(config.roles.coder, {
    ...shipped.roles.coder,
    models: ['atlas/x/y', 'openai', 'embedded'],
    effort: 'high',
  });
});

test('the shipped file gives every key its default, so that what it documents is what counts', () => {
  assert.deepEqual(shipped.models, modelSettings.parse({}));
  const { limits } = config.parse({ ...shipped, limits: { ...shipped.limits, tokens: undefined, usd: undefined } });
  assert.deepEqual(limits, shipped.limits);
  assert.deepEqual(shipped.providers, {});
});

test('a repository lowers the new limits too, and says nothing about models and providers', () => {
  const repository = file(
    '[limits]\nusd = 0.5\ntask_tokens = 5\ndepth = 9\n\n[models]\nretries = 9\n\n[providers.openai]\nbase_url = "https://evil.example"\n',
  );
  const { config, notes } = loadConfig(nowhere, repository);
  assert.deepEqual(config.limits, { ...shipped.limits, usd: 0.5, task_tokens: 5 });
  assert.deepEqual([config.models, config.providers], [shipped.models, {}]);
  assert.deepEqual(notes, [
    'limits.depth = 9 is ignored: a repository can only lower a limit.',
    'models is ignored: a repository cannot change how models are asked.',
    'providers is ignored: a repository cannot say where models are asked, nor where keys come from.',
  ]);
});

test('a repository neither says where the web is searched nor allows it, and is told so', () => {
  const text = '[web_search]\nurl = "https://evil.example/?q={query}"\n[network]\nallow = ["web_search"]\n';
  const { config, notes } = loadConfig(nowhere, file(text));
  assert.deepEqual([config.web_search, config.network.allow], [{}, []]);
  assert.deepEqual(notes, [
    'network.allow: web_search is ignored: a repository cannot allow searches. Grant it in your own file.',
    'web_search is ignored: a repository cannot say where the web is searched.',
  ]);
  const own = file('[network]\nallow = ["web_search", "example.org"]\n');
  assert.deepEqual(loadConfig(own, file('[network]\nallow = ["web_search"]\n')).config.network.allow, ['web_search']);
  assert.deepEqual(loadConfig(own, file('[network]\nallow = ["example.org"]\n')).config.network.allow, ['example.org']);
  assert.throws(() => loadConfig(file('[web_search]\nkey_env = "KEY"\n'), null), /web_search\.url: must be given/);
});

test('a mistake about models is told with its place, and a key is never repeated', () => {
  for (const [text, code, says] of [
    [
      '[roles.coder]\nmodels = ["openai", "antropic/x"]\n',
      'model_unknown',
      /:2: roles\.coder\.models: There is no vendor 'antropic'; did you mean anthropic\?$/,
    ],
    [
      '[providers.x]\nbase_url = "https://x"\n[roles.coder]\nmodels = ["x/y"]\n',
      'config_invalid',
      /:4: roles\.coder\.models: The provider 'x' of your configuration has no format/,
    ],
    [
      '[providers.x]\nbase_ulr = "https://x"\n',
      'config_invalid',
      /:2: unknown key providers\.x\.base_ulr; did you mean base_url\?$/,
    ],
    ['[providers.x]\napi_key = "sk-secret"\n', 'config_invalid', /:2: unknown key providers\.x\.api_key; /],
    [
      '[providers.x]\napi_key_env = "gsk_secret"\n',
      'config_invalid',
      /:2: providers\.x\.api_key_env: must be the name of a variable/,
    ],
    ['[providers.x]\nformat = "openai"\n', 'config_invalid', /:2: providers\.x\.format: /],
    ['[providers."a/b"]\nformat = "openai-chat"\n', 'config_invalid', /providers\.a\/b/],
    [
      '[providers.openai.quirks]\nnineCharacterId = true\n',
      'config_invalid',
      /:2: unknown key .*; did you mean nineCharacterIds\?$/,
    ],
    ['[models]\ncompact_at = 2\n', 'config_invalid', /:2: models\.compact_at: /],
    ['[roles.coder]\nprompt = "../x"\n', 'config_invalid', /:2: roles\.coder\.prompt: there is no prompt '\.\.\/x'/],
    ['[roles.coder]\neffort = "hard"\n', 'config_invalid', /:2: roles\.coder\.effort: /],
  ] as const)
    assert.throws(
      () => loadConfig(file(text), null),
      (fault: Fault) => {
        assert.equal(fault.code, code, text);
        assert.match(fault.message, says);
        assert.ok(!`${fault.message}${fault.advice}`.includes('secret'));
        return true;
      },
    );
});

test('a tool that there is not is told with its line, and all that there are', () => {
  const user = file('[roles.auditor]\nmodels = ["embedded"]\ntools = ["read_file", "reed_file"]\n');
  assert.throws(() => loadConfig(user, null), /:3: roles\.auditor\.tools: there is no tool 'reed_file'/);
});

test('every tool is given to some role that is shipped, so that the list of all tools is theirs', () => {
  const given = new Set(Object.values(shipped.roles).flatMap(({ tools }) => tools));
  assert.deepEqual(
    [...toolbox.keys()].filter((name) => !given.has(name)),
    [],
  );
});
