// Goal: what is wrong with a key, an address or a model is said in one line that tells what to do, and the key itself is
// nowhere: in no output, no log, no file. Method: ask, plan and task against servers that refuse in the vendors' ways and
// repeat the key they were sent; then every file of the state folder is searched for it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { logOf, ofType } from '../support/account.ts';
import { chainKey, useChain } from '../support/chain.ts';
import { countsRepository } from '../support/counts.ts';
import { type ModelServer, type Received, type Reply, startModelServer } from '../support/model-server.ts';
import { jsonLines, type TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const sentKey = ({ headers }: Received) => String(headers['x-api-key'] ?? headers.authorization);
const page = `<!doctype html><html><title>Welcome</title>${'<p>words</p>'.repeat(200)}</html>`;

type Wrong = { name: string; lines?: string; script(request: Received): Reply; says: RegExp; code: string };
const wrongs: Wrong[] = [
  {
    name: 'a key that is refused',
    script: (request) => ({
      status: 401,
      body: { error: { type: 'authentication_error', message: `invalid x-api-key: ${sentKey(request)}` } },
    }),
    says: /acme answered 401: invalid x-api-key: \[key\] \(a valid key is needed in KEY;/,
    code: 'key_refused',
  },
  {
    name: 'a key of a command that is refused',
    lines: 'api_key_command = ["sh", "-c", "echo $KEY"]',
    script: (request) => ({ status: 403, body: `forbidden: ${sentKey(request)}` }),
    says: /acme answered 403: forbidden: \[key\] \(a valid key is needed in what the key command prints;/,
    code: 'key_refused',
  },
  {
    name: 'a key command that fails',
    lines: 'api_key_command = ["sh", "-c", "echo the store is locked >&2; exit 3"]',
    script: () => ({}),
    says: /The key command of acme \(sh\) ended with exit code 3.*the store is locked.*api_key_command in \[providers\.acme\]/s,
    code: 'key_refused',
  },
  {
    name: 'an endpoint that answers HTML',
    script: () => ({ headers: { 'content-type': 'text/html' }, body: page }),
    says: /acme answered HTML \(200\): is base_url right\? http:\/\/127\.0\.0\.1:\d+/,
    code: 'config_invalid',
  },
  {
    name: 'a model that is not there',
    script: () => ({ status: 404, body: { error: { type: 'not_found_error', message: 'model: big' } } }),
    says: /acme answered 404: model: big \(vtcode models lists what can be named\)/,
    code: 'model_unknown',
  },
];

const repository = countsRepository(1);
const opened: { server: ModelServer; vtcode: TestVtcode }[] = [];
after(async () => {
  for (const { server, vtcode } of opened) {
    await server.stop();
    rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
  }
  repository.remove();
});

async function wrongVendor({ script, lines }: Wrong): Promise<TestVtcode> {
  const server = await startModelServer(script);
  const vtcode = vtcodeHere();
  opened.push({ server, vtcode });
  const vendor = { name: 'acme', baseUrl: server.baseUrl('anthropic'), format: 'anthropic' as const };
  useChain(vtcode, [{ ...vendor, ...(lines !== undefined && { lines }) }], '[models]\nretries = 1\n');
  return vtcode;
}

/** Calls vtcode; whatever it says has no stack and no key, and no file that it leaves has the key. */
async function call(vtcode: TestVtcode, args: string[]) {
  const called = await vtcode.call([...args, '-C', repository.root]);
  const output = `${called.stdout}${called.stderr}`;
  assert.doesNotMatch(output, /\n +at |mistake in vtcode|<p>words/);
  assert.ok(!output.includes(chainKey), 'no key in the output');
  const files = readdirSync(vtcode.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 0);
  for (const { parentPath, name } of files)
    assert.ok(!readFileSync(join(parentPath, name)).includes(chainKey), `${name} holds no key`);
  return { ...called, output };
}

describe('at the first call', { concurrency: 2 }, () => {
  for (const wrong of wrongs) {
    test(`of ask ${wrong.name} ends it with exit 2 and what to do`, async () => {
      const called = await call(await wrongVendor(wrong), ['ask', 'what is it?']);
      assert.deepEqual({ code: called.code, stdout: called.stdout }, { code: 2, stdout: '' }, called.stderr);
      assert.match(called.stderr, wrong.says);
    });

    test(`of a planner ${wrong.name} ends the run with exit 2 and what to do`, async () => {
      const called = await call(await wrongVendor(wrong), ['run', '--plan', 'tidy up', '--yes', '--json']);
      const { code, error, manifest } = jsonLines(called.stdout).at(-1) as Record<string, { reason?: string } | null>;
      assert.equal(called.code, 2, `${called.stderr} ${JSON.stringify({ code, error })}`);
      assert.match(manifest?.reason ?? '', wrong.says);
      assert.equal(ofType(logOf(called), 'run.finished')[0]?.code, wrong.code);
    });

    test(`of a task ${wrong.name} fails the task with what to do`, async () => {
      const plan = repository.planFile([1]);
      const called = await call(await wrongVendor(wrong), ['run', '--plan-file', plan, '--yes']);
      assert.equal(called.code, 1, called.stderr);
      assert.match(called.stdout, wrong.says);
      assert.match(called.stdout, /n1 .*\(parked: acme\/big: /);
    });
  }
});
