// Goal: what is installed is fetched from the registry that a person granted, for that command, and nothing else is reached.
// Method: npm in real walls, and a registry on loopback that stands for the usual one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
after(() => server.stop());

const packed = temporaryFolder('packed');
mkdirSync(join(packed, 'package'));
writeFileSync(join(packed, 'package', 'package.json'), '{ "name": "left", "version": "1.0.0" }');
execFileSync('tar', ['czf', join(packed, 'left.tgz'), '-C', packed, 'package']);
const asked: string[] = [];
const registry = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url?.endsWith('.tgz')) return response.end(readFileSync(join(packed, 'left.tgz')));
  if (request.url !== '/left') return response.writeHead(404).end('{}');
  const tarball = `${address}/left/-/left-1.0.0.tgz`;
  const versions = { '1.0.0': { name: 'left', version: '1.0.0', dist: { tarball } } };
  response.setHeader('content-type', 'application/json');
  return response.end(JSON.stringify({ name: 'left', 'dist-tags': { latest: '1.0.0' }, versions }));
});
await new Promise<void>((done) => registry.listen(0, '127.0.0.1', done));
after(() => registry.close());
const { port } = registry.address() as AddressInfo;
const address = `http://127.0.0.1:${port}`;

/** Has the model install a package with these settings; answers the folder and what it heard. */
async function install(settings: string, command = 'npm install left'): Promise<{ root: string; heard: string }> {
  const own = `[network]\nregistries = { npm = ["127.0.0.1:${port}"] }\n`;
  useModel(vtcode, server, 'openai-chat', settings.startsWith('[') ? own + settings : own + settings);
  server.answerWith((request) => ({
    answer: messagesOf(request).some(({ role }) => role === 'tool')
      ? { text: 'Done.' }
      : { calls: [{ name: 'run_command', arguments: { command } }] },
  }));
  const root = realpathSync(temporaryFolder('install'));
  writeFileSync(join(root, 'package.json'), '{ "name": "mine", "version": "1.0.0" }');
  writeFileSync(join(root, '.npmrc'), `registry=${address}/\nfetch-retries=0\n`);
  asked.length = 0;
  const called = await vtcode.call(['run', 'install it', '--auto', '--json', '-C', root]);
  assert.equal(called.code, 0, called.stderr);
  return { root, heard: textOf(messagesOf(server.requests.at(-1)!).at(-1)) };
}

const linux = { skip: process.platform !== 'linux' && 'only Linux gives commands a network of their own' };

test('nobody is there and nothing grants it: the refusal names the registry, and nothing is asked of it', async () => {
  const { root, heard } = await install('');
  assert.match(heard, /npm install left: npm install needs the npm registry/);
  assert.deepEqual([asked, existsSync(join(root, 'node_modules'))], [[], false]);
});

test('a rule that names the command grants the registry for it', linux, async () => {
  const { root, heard } = await install('[policy.commands]\nallow = ["npm install"]\n');
  assert.match(heard, /exit 0/);
  assert.ok(existsSync(join(root, 'node_modules', 'left', 'package.json')), heard);
});

test(
  'network.allow = ["registry:npm"] lets --auto install, and other commands reach no other host',
  linux,
  async () => {
    const { root, heard } = await install('allow = ["registry:npm"]\n');
    assert.match(heard, /exit 0/);
    assert.ok(existsSync(join(root, 'node_modules', 'left')), heard);
    const other = `http://127.0.0.1:${Number(new URL(server.baseUrl('openai-chat')).port)}/`;
    const reached = await install(
      'allow = ["registry:npm"]\n',
      `node -e "fetch('${other}').then(() => console.log('got'), () => console.log('not'))"`,
    );
    assert.match(reached.heard, /\nnot/);
  },
);
