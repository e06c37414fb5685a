// Goal: `vtcode models` and `vtcode doctor` tell what can be asked, why the rest cannot and what to do about it, quickly
// and without ever showing a key. Method: the real command, with vendors and local servers that are HTTP servers on
// loopback, and an environment in which nothing else of a vendor is set.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { Finding } from '../../orchestrator/models/doctor.ts';
import type { ModelList } from '../../orchestrator/models/list.ts';
import { sampleRepository } from '../support/sample.ts';
import { jsonLines, type TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const secret = 'sk-very-secret-0123456789';
const nowhere = '127.0.0.1:9'; // the port of `discard`: nobody listens
const alone = { OLLAMA_HOST: nowhere, LMSTUDIO_BASE_URL: `http://${nowhere}`, LLAMACPP_BASE_URL: nowhere };

const servers: ReturnType<typeof createServer>[] = [];
after(() => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A vendor that knows one key. */
const vendor: RequestListener = ({ headers }, response) => {
  const known = headers.authorization === `Bearer ${secret}` || headers['x-api-key'] === secret;
  response.writeHead(known ? 200 : 401).end(known ? '{"data":[{"id":"big"}]}' : `{"error":"no such key"}`);
};

function configured(text: string): TestVtcode {
  const vtcode = vtcodeHere();
  const file = join(vtcode.environment.XDG_CONFIG_HOME ?? '', 'vtcode', 'agents.toml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return vtcode;
}

/** Calls vtcode, and holds everything it says against the secret. */
async function call(vtcode: TestVtcode, args: string[], environment: Record<string, string>) {
  const called = await vtcode.call(args, { environment: { ...alone, ...environment } });
  assert.ok(!`${called.stdout}${called.stderr}`.includes(secret), 'a key is never shown');
  return called;
}

async function findings(vtcode: TestVtcode, environment: Record<string, string>) {
  const called = await call(vtcode, ['doctor', '--json'], environment);
  const found = (jsonLines(called.stdout)[0]?.findings ?? []) as Finding[];
  const own = new Set(['runtime', 'git', 'state', 'configuration', 'walls', 'agent memory']);
  return { code: called.code, models: found.filter(({ what }) => !own.has(what)) };
}

test('without keys models lists the embedded one, and the variable that each vendor lacks', async () => {
  const called = await call(vtcodeHere(), ['models'], {});
  assert.equal(called.code, 0, called.stderr);
  assert.match(called.stdout, /^\* {2}embedded /m);
  assert.match(called.stdout, /^ +anthropic +ANTHROPIC_API_KEY is not set$/m);
  assert.match(called.stdout, /^ +gemini +GEMINI_API_KEY is not set, nor GOOGLE_API_KEY$/m);
  assert.match(called.stdout, /^ +ollama +no Ollama answers at 127\.0\.0\.1:9$/m);
  assert.match(called.stdout, /^\* auto is embedded: no vendor's key is set and no local server answers\.$/m);
});

test('a key in the environment makes its vendor usable and the pick of auto, and is not shown', async () => {
  const environment = { ANTHROPIC_API_KEY: secret, GROQ_API_KEY: secret };
  const called = await call(vtcodeHere(), ['models'], environment);
  assert.match(called.stdout, /^\* {2}anthropic\/claude-sonnet-5-5 +1000k +2 \/ 10 +ANTHROPIC_API_KEY$/m);
  assert.match(called.stdout, /^ {3}groq\/openai\/gpt-oss-120b +131k +not known +GROQ_API_KEY$/m);
  const json = await call(vtcodeHere(), ['models', '--json'], environment);
  const [list] = jsonLines(json.stdout) as unknown as ModelList[];
  assert.deepEqual(list?.auto, {
    models: ['anthropic/claude-sonnet-5-5'],
    why: 'ANTHROPIC_API_KEY is set; so is a key of groq: a chain of models in your agents.toml would go on there',
    offer: null,
  });
  const groq = list?.vendors.find(({ id }) => id === 'groq');
  assert.deepEqual(groq?.models[0], {
    ref: 'groq/openai/gpt-oss-120b',
    contextTokens: 131_072,
    prices: null,
    key: 'GROQ_API_KEY',
  });
  const openai = { id: 'openai', name: 'OpenAI', models: [], why: 'OPENAI_API_KEY is not set', usable: false };
  assert.deepEqual(
    list?.vendors.find(({ id }) => id === 'openai'),
    openai,
  );
});

test('a server on this machine is listed with the models it has, and offered', async () => {
  const host = await listening((_, response) => response.end('{"data":[{"id":"nomic-embed"},{"id":"qwen3:8b"}]}'));
  const called = await call(vtcodeHere(), ['models'], { OLLAMA_HOST: host });
  assert.match(called.stdout, /^ {3}ollama\/qwen3:8b +33k +nothing +none$/m);
  assert.match(called.stdout, /To use it: models = \["ollama\/qwen3:8b"\]/);
});

test('a vendor of the user’s is listed and asked, with a key from a variable or a command', async () => {
  const host = await listening(vendor);
  const atlas = `[providers.atlas]\nbase_url = "http://${host}/v1"\nformat = "openai-chat"\n`;
  const model = '[providers.atlas.models.big]\ncontext_tokens = 64_000\nusd_per_million = { input = 1, output = 2 }\n';
  const byVariable = configured(`${atlas}api_key_env = "ATLAS_KEY"\n${model}`);
  const listed = await call(byVariable, ['models'], { ATLAS_KEY: secret });
  assert.match(listed.stdout, /^\* {2}atlas\/big +64k +1 \/ 2 +ATLAS_KEY$/m);
  const accepted = { what: 'atlas', good: true, words: `${host} accepts the key of ATLAS_KEY` };
  const clock = { what: 'clock', good: true, words: "agrees with the vendors'" };
  assert.deepEqual(await findings(byVariable, { ATLAS_KEY: secret }), { code: 0, models: [accepted, clock] });
  const byCommand = configured(`${atlas}api_key_command = ["sh", "-c", "echo $HIDDEN"]\n${model}`);
  assert.deepEqual(await findings(byCommand, { HIDDEN: secret }), {
    code: 0,
    models: [{ ...accepted, words: `${host} accepts the key of sh` }, clock],
  });
});

test('doctor tells a key that is refused, one that is missing, and one that cannot be had', async () => {
  const host = await listening(vendor);
  const refused = await findings(vtcodeHere(), { ANTHROPIC_API_KEY: 'sk-old', ANTHROPIC_BASE_URL: `http://${host}` });
  assert.equal(refused.code, 2);
  assert.deepEqual(refused.models[0], {
    what: 'anthropic',
    good: false,
    words: `${host} refuses the key of ANTHROPIC_API_KEY (401)`,
    advice: 'Set a key that is valid there.',
  });
  const missing = await findings(configured('[roles.coder]\nmodels = ["openai"]\n'), {});
  assert.equal(missing.code, 2);
  assert.match(missing.models[0]?.words ?? '', /^openai needs a key: OPENAI_API_KEY is not set\.$/);
  const locked = configured('[providers.openai]\napi_key_command = ["sh", "-c", "echo locked >&2; exit 1"]\n');
  assert.deepEqual((await findings(locked, {})).models, [
    {
      what: 'openai',
      good: false,
      words: 'The key command of openai (sh) ended with exit code 1. locked',
      advice: 'Run it yourself: api_key_command in [providers.openai] of your agents.toml.',
    },
  ]);
});

test('doctor tells a web page from an API, and a clock that is wrong', async () => {
  const page = await listening((_, response) => response.end('<!doctype html><title>Welcome</title>'));
  const web = await findings(vtcodeHere(), { OPENAI_API_KEY: secret, OPENAI_BASE_URL: `http://${page}/` });
  assert.deepEqual(web.models[0], {
    what: 'openai',
    good: false,
    words: `${page} answers a web page, no API`,
    advice: `Correct the address: base_url is http://${page}.`,
  });
  const slow = await listening((_, response) => {
    response.writeHead(200, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end('{"data":[]}');
  });
  const late = await findings(vtcodeHere(), { OPENAI_API_KEY: secret, OPENAI_BASE_URL: `http://${slow}/v1` });
  assert.equal(late.code, 2);
  assert.deepEqual(late.models[1], {
    what: 'clock',
    good: false,
    words: "60 minutes ahead of the vendors'",
    advice: 'Set it: certificates and rate limits are misread otherwise.',
  });
});

test('doctor says once that there is no network, and soon', async () => {
  // Names under .invalid exist nowhere (RFC 2606): asking for them fails as everything does without a network.
  const environment = {
    OPENAI_API_KEY: secret,
    OPENAI_BASE_URL: 'https://openai.invalid/v1',
    ANTHROPIC_API_KEY: secret,
    ANTHROPIC_BASE_URL: 'https://anthropic.invalid',
  };
  const { code, models } = await findings(vtcodeHere(), environment);
  assert.equal(code, 2);
  assert.equal(models.length, 1);
  assert.match(models[0]?.words ?? '', /^no network: anthropic, openai cannot be asked \(/);
});

test('a vendor that nobody knows ends a command with the one that was meant, and no stack', async () => {
  const vtcode = configured('[roles.coder]\nmodels = ["antropic/claude-opus-5"]\n');
  const called = await call(vtcode, ['models'], { ANTHROPIC_API_KEY: secret });
  assert.equal(called.code, 2);
  assert.match(
    called.stderr,
    /agents\.toml:2: roles\.coder\.models: There is no vendor 'antropic'; did you mean anthropic\?/,
  );
  assert.doesNotMatch(called.stderr, /\n +at /);
});

test('a run whose first model lacks its key does not begin', async () => {
  const repository = sampleRepository();
  const vtcode = configured('[roles.planner]\nmodels = ["openai", "embedded"]\n');
  const called = await call(vtcode, ['run', '--plan', 'tidy up', '-C', repository.root], {});
  assert.equal(called.code, 2);
  assert.match(called.stderr, /openai\/gpt-6\.1-sol needs a key: OPENAI_API_KEY is not set\./);
  assert.match(called.stderr, /api_key_command/);
  repository.remove();
});

test('a key that was sent to a vendor is in no file of the run, whatever the vendor says of it', async () => {
  let sent = 0;
  const host = await listening(({ headers }, response) => {
    sent += 1;
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${headers.authorization}` } }));
  });
  const repository = sampleRepository();
  const atlas = `[providers.atlas]\nbase_url = "http://${host}/v1"\nformat = "openai-chat"\napi_key_env = "ATLAS_KEY"\n`;
  const vtcode = configured(`${atlas}\n[roles.planner]\nmodels = ["atlas/big"]\n`);
  const called = await call(vtcode, ['run', '--plan', 'tidy up', '--json', '-C', repository.root], {
    ATLAS_KEY: secret,
  });
  assert.notEqual(called.code, 0);
  assert.ok(sent > 0, called.stderr);
  const files = readdirSync(vtcode.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  for (const { parentPath, name } of files)
    assert.ok(!readFileSync(join(parentPath, name)).includes(secret), `${name} holds no key`);
  repository.remove();
});
