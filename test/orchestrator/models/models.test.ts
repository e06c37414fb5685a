// Goal: a reference becomes the model that was meant or a sentence that says what to do, and keys come from where they
// should and show nowhere. Method: configurations as values, given environments, real programs as key commands.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Config } from '../../../ipc/config.ts';
import { Fault } from '../../../ipc/fault.ts';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { chooseAuto } from '../../../orchestrator/models/auto.ts';
import { keyOrigin, openChoice, requireKey } from '../../../orchestrator/models/keys.ts';
import { withModels } from '../../../orchestrator/models/of-role.ts';
import { resolveChain, resolveModel } from '../../../orchestrator/models/resolve.ts';
import { askLocalModels } from '../../../providers/catalog/probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'vtcode-models-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { config: shipped } = loadConfig(join(folder, 'nowhere.toml'), null);
const withProviders = (providers: Config['providers']): Config => ({ ...shipped, providers });

test('a known model comes with its endpoint, its facts and nothing to say', () => {
  assert.deepEqual(resolveModel('anthropic/claude-opus-5', shipped, {}), {
    ref: 'anthropic/claude-opus-5',
    vendor: 'anthropic',
    name: 'claude-opus-5',
    facts: {
      contextTokens: 1_000_000,
      outputTokensMax: 128_000,
      prices: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
      reasoning: true,
      images: true,
    },
    endpoint: {
      ...{ vendor: 'anthropic', format: 'anthropic', baseUrl: 'https://api.anthropic.com' },
      quirks: { imagesMax: 100, imagesMbMax: 30, webSearchUsd: 0.01 },
    },
    key: { variables: ['ANTHROPIC_API_KEY'], command: null, optional: false },
    connection: {},
    notes: [],
  });
});

test('the first slash divides, a vendor alone is its default model, and a chain names none twice', () => {
  const chain = ['openrouter/anthropic/claude-sonnet-5', 'openai', 'openai/gpt-6.1-sol', 'embedded'];
  assert.deepEqual(
    resolveChain(chain, shipped, {}).map(({ ref, vendor, name }) => ({ ref, vendor, name })),
    [
      {
        ref: 'openrouter/anthropic/claude-sonnet-5',
        vendor: 'openrouter',
        name: 'anthropic/claude-sonnet-5',
      },
      { ref: 'openai/gpt-6.1-sol', vendor: 'openai', name: 'gpt-6.1-sol' },
      { ref: 'embedded', vendor: 'embedded', name: 'embedded' },
    ],
  );
  assert.equal(resolveModel('embedded', shipped, {}).endpoint, null);
});

const thrown = (act: () => unknown): Fault => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error;
  }
  throw new assert.AssertionError({ message: 'it did not throw' });
};

test('a name that nobody has is told with the one that was meant', () => {
  for (const [ref, says] of [
    ['antropic/claude-opus-5', "There is no vendor 'antropic'; did you mean anthropic?"],
    ['google/gemini-3.7-flash', "There is no vendor 'google'; did you mean gemini?"],
    ['claude-opus-5', "There is no vendor 'claude-opus-5'; did you mean anthropic/claude-opus-5?"],
    ['embeded', "There is no vendor 'embeded'; did you mean embedded?"],
    ['something-else/x', "There is no vendor 'something-else'."],
    ['constructor/x', "There is no vendor 'constructor'."],
    ['ollama', "'ollama' names the vendor, but no model of it."],
    ['openai/', "'openai/' names the vendor, but no model of it."],
  ]) {
    const fault = thrown(() => resolveModel(ref!, shipped, {}));
    assert.deepEqual([fault.code, fault.exitCode, fault.message], ['model_unknown', 2, says]);
    assert.ok(fault.advice);
  }
});

test('a model that is not in the table can be used, with a note that says what is assumed', () => {
  const { facts, notes } = resolveModel('openai/gpt-6.3-sol', shipped, {});
  assert.deepEqual(facts, {
    contextTokens: 128_000,
    outputTokensMax: null,
    prices: null,
    reasoning: false,
    images: false,
  });
  assert.equal(notes.length, 1);
  assert.match(notes[0]!, /^openai\/gpt-6\.3-sol is not in vtcode's table.*no price.*Near and known: gpt-6\.2-sol\.$/);
});

test('a model on this machine costs nothing and has the window that its server is taken to have', () => {
  const local = resolveModel('ollama/gpt-oss:20b', shipped, {});
  assert.deepEqual([local.facts.contextTokens, local.facts.prices], [32_768, { input: 0, output: 0 }]);
  assert.match(local.notes[0]!, /32,768 tokens is assumed; context_tokens in \[providers\.ollama\.models\./);
  const cloud = resolveModel('ollama/glm-5.2:cloud', shipped, {});
  assert.deepEqual([cloud.facts.contextTokens, cloud.facts.prices, cloud.notes], [1_000_000, null, []]);
  const told = withProviders({ ollama: { models: { 'gpt-oss:20b': { context_tokens: 65_536 } } } });
  const { facts, notes } = resolveModel('ollama/gpt-oss:20b', told, {});
  assert.deepEqual([facts.contextTokens, facts.reasoning, notes], [65_536, true, []]);
});

test('the user’s configuration beats the variable, which beats the table', () => {
  const urlOf = (config: Config, environment: Record<string, string>) =>
    resolveModel('openai/gpt-6-sol', config, environment).endpoint?.baseUrl;
  const own = withProviders({ openai: { base_url: 'http://localhost:4000/v1' } });
  assert.equal(urlOf(shipped, {}), 'https://api.openai.com/v1');
  assert.equal(urlOf(shipped, { OPENAI_BASE_URL: 'https://proxy.example.com/v1' }), 'https://proxy.example.com/v1');
  assert.equal(urlOf(shipped, { OPENAI_BASE_URL: '' }), 'https://api.openai.com/v1');
  assert.equal(urlOf(own, { OPENAI_BASE_URL: 'https://proxy.example.com/v1' }), 'http://localhost:4000/v1');
  const other = withProviders({ deepseek: { quirks: { reasoningEffort: false }, api_key_env: 'MINE' } });
  const { endpoint, key } = resolveModel('deepseek/deepseek-v4-pro', other, {});
  assert.deepEqual(endpoint?.quirks, {
    outputTokensField: 'max_tokens',
    thinkingField: 'reasoning_content',
    reasoningEffort: false,
  });
  assert.deepEqual(key, { variables: ['MINE'], command: null, optional: false });
});

test('a vendor of the user’s is asked as described, and what it lacks is named', () => {
  const atlas = {
    base_url: 'https://api.example.com/v1/',
    format: 'openai-chat' as const,
    models: { big: { context_tokens: 64_000, usd_per_million: { input: 1, output: 2 } } },
  };
  const choice = resolveModel('atlas', withProviders({ atlas }), {});
  assert.deepEqual(choice.endpoint, {
    vendor: 'atlas',
    format: 'openai-chat',
    baseUrl: 'https://api.example.com/v1',
    quirks: {},
  });
  assert.deepEqual(
    [choice.ref, choice.facts.contextTokens, choice.facts.prices, choice.key.optional, choice.notes],
    ['atlas/big', 64_000, { input: 1, output: 2 }, true, []],
  );
  const { base_url: _, ...nowhere } = atlas;
  const { format: __, ...mute } = atlas;
  for (const [provider, says] of [
    [nowhere, /'atlas' has no base_url/],
    [mute, /'atlas' of your configuration has no format/],
    [{ ...atlas, base_url: 'https://me:secret@example.com' }, /^base_url of \[providers\.atlas\] is not a base URL/],
  ] as const) {
    const fault = thrown(() => resolveModel('atlas/big', withProviders({ atlas: provider }), {}));
    assert.equal(fault.code, 'config_invalid');
    assert.match(fault.message, says);
    assert.ok(!`${fault.message}${fault.advice}`.includes('secret'));
  }
  const azure = thrown(() => resolveModel('azure/mine', shipped, {}));
  assert.match(azure.advice ?? '', /\[providers\.azure\].*or set AZURE_OPENAI_ENDPOINT/);
});

test('an address that others on the way can read is noted', () => {
  const { notes } = resolveModel('openai/gpt-6-sol', shipped, { OPENAI_BASE_URL: 'http://gpu-box/v1' });
  assert.deepEqual(notes, ['openai is asked without encryption (http://gpu-box/v1).']);
});

test('a key comes from the first variable that is set, without the white space around it', async () => {
  const gemini = resolveModel('gemini', shipped, {});
  const environment = { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: 'g-secret\n' };
  assert.deepEqual(keyOrigin(gemini.key, environment), { type: 'variable', name: 'GOOGLE_API_KEY' });
  assert.equal((await openChoice(gemini, environment))?.key, 'g-secret');
  assert.equal((await openChoice(resolveModel('ollama/x', shipped, {}), {}))?.key, null);
  assert.equal(await openChoice(resolveModel('embedded', shipped, {}), {}), null);
});

test('a key that is missing names its variables, and one that is none is not shown', async () => {
  const gemini = resolveModel('gemini', shipped, {});
  const missing = thrown(() => requireKey(gemini, {}));
  assert.deepEqual(
    [missing.code, missing.exitCode, missing.message],
    ['key_missing', 2, 'gemini/gemini-3.7-flash needs a key: GEMINI_API_KEY is not set, nor GOOGLE_API_KEY.'],
  );
  assert.match(missing.advice ?? '', /api_key_command = .* in \[providers\.gemini\]/);
  for (const secret of ['my secret', 'secret\nmore', 'sécret'])
    await assert.rejects(openChoice(gemini, { GEMINI_API_KEY: secret }), (fault: Fault) => {
      assert.equal(fault.code, 'key_missing');
      assert.match(fault.message, /^GEMINI_API_KEY is no key/);
      assert.ok(!JSON.stringify([fault.message, fault.advice, fault.details]).includes('cret'));
      return true;
    });
});

test('a key command is run once, with the person’s environment and from their home', async () => {
  const log = join(folder, 'runs');
  const script = `echo "$PWD $MARK" >> ${log}; echo printed-secret`;
  const providers = { openai: { api_key_command: ['sh', '-c', script] } };
  const choice = resolveModel('openai', withProviders(providers), {});
  const environment = { PATH: process.env.PATH, HOME: folder, MARK: 'mark', OPENAI_API_KEY: 'not this one' };
  const opened = await Promise.all([openChoice(choice, environment), openChoice(choice, environment)]);
  assert.deepEqual(
    opened.map((endpoint) => endpoint?.key),
    ['printed-secret', 'printed-secret'],
  );
  assert.equal(readFileSync(log, 'utf8'), `${folder} mark\n`);
});

test('a key command that fails shows what it said on standard error, and is run again the next time', async () => {
  const flag = join(folder, 'unlocked');
  const script = `test -e ${flag} && echo k-now || { echo half-a-secret; echo "store is locked" >&2; exit 3; }`;
  const environment = { PATH: process.env.PATH, HOME: folder };
  const choiceOf = (...command: string[]) =>
    resolveModel('openai', withProviders({ openai: { api_key_command: command } }), {});
  await assert.rejects(openChoice(choiceOf('sh', '-c', script), environment), {
    code: 'key_missing',
    message: 'The key command of openai (sh) ended with exit code 3.\nstore is locked',
  });
  writeFileSync(flag, '');
  assert.equal((await openChoice(choiceOf('sh', '-c', script), environment))?.key, 'k-now');
  await assert.rejects(openChoice(choiceOf('true'), environment), { message: /\(true\) printed nothing\.$/ });
  await assert.rejects(openChoice(choiceOf('no-such-program'), environment), { message: /could not be started/ });
});

test('auto takes the vendor whose key is set, the great ones first, and says why', async () => {
  const nobody = async () => assert.fail('nobody is asked when there is a key');
  assert.deepEqual(await chooseAuto({ GROQ_API_KEY: 'k', OPENAI_API_KEY: 'k' }, shipped, nobody), {
    models: ['openai/gpt-6.1-sol'],
    why: 'OPENAI_API_KEY is set; so is a key of groq: a chain of models in your agents.toml would go on there',
    offer: null,
  });
  const atlas = {
    base_url: 'https://api.example.com/v1',
    format: 'openai-chat' as const,
    api_key_command: ['pass', 'atlas'],
    models: { big: {} },
  };
  assert.deepEqual(await chooseAuto({ LMSTUDIO_API_KEY: 'k' }, withProviders({ atlas }), nobody), {
    models: ['atlas/big'],
    why: 'pass prints its key',
    offer: null,
  });
});

test('without a key auto is the embedded model, and offers what a local server has', async () => {
  const asked: string[] = [];
  const ollama = await chooseAuto({ OLLAMA_HOST: 'gpu-box:1' }, shipped, async ({ vendor, baseUrl }) => {
    asked.push(`${vendor} ${baseUrl}`);
    return vendor === 'ollama' ? ['nomic-embed-text', 'qwen3:1.7b'] : null;
  });
  assert.deepEqual(asked, [
    'ollama http://gpu-box:1/v1',
    'lmstudio http://localhost:1234/v1',
    'llamacpp http://localhost:8080/v1',
  ]);
  assert.deepEqual(ollama, {
    models: ['embedded'],
    why: "no vendor's key is set; Ollama answers at gpu-box:1",
    offer: 'ollama/qwen3:1.7b',
  });
  assert.deepEqual(await chooseAuto({}, shipped, async () => null), {
    models: ['embedded'],
    why: "no vendor's key is set and no local server answers",
    offer: null,
  });
});

test('a local server is asked on its port, and one that is not there is passed over', async () => {
  const server = createServer((_, response) => response.end('{"data":[{"id":"here"}]}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = { OLLAMA_HOST: '127.0.0.1:9', LMSTUDIO_BASE_URL: `http://${host}`, LLAMACPP_BASE_URL: host };
  const { offer } = await chooseAuto(environment, shipped, askLocalModels);
  assert.equal(offer, 'lmstudio/here');
  server.close();
});

test('a chain goes on without auto where no key is set, and a chain of nothing else says what is missing', async () => {
  const withAcme = withProviders({ acme: { base_url: 'http://127.0.0.1:1', format: 'openai-chat' } });
  const roles = { ...withAcme.roles, explorer: { ...withAcme.roles.explorer!, models: ['auto', 'acme/big'] } };
  const job = { mode: 'ask', goal: 'where?' } as const;
  const closed = { OLLAMA_HOST: 'http://127.0.0.1:1' };
  const { config } = await withModels({ ...withAcme, roles }, closed, job);
  assert.deepEqual([config.roles.explorer?.models, config.roles.coder?.models], [['acme/big'], ['embedded']]);
  await assert.rejects(withModels(withAcme, closed, job), { code: 'key_missing' });
});
