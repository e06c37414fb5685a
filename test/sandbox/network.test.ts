/**
 * Goal: a command behind the walls reaches the hosts that were granted, by the programs that people use, and no other; and
 * it is written down. Method: real hands and a real run of the program, a server on this machine's own loopback.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CommandOf } from '../../orchestrator/hands/hands.ts';
import { hasUserNamespaces } from '../../sandbox/launcher.ts';
import { mayMakeNamespaces } from '../../sandbox/namespaces.ts';
import type { HostUse } from '../../sandbox/proxy.ts';
import { endOf, eventsOf } from '../support/called.ts';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';
import { handsAt, place, sh } from '../tools/program/hands-here.ts';

if (process.platform !== 'linux' || !(mayMakeNamespaces() || hasUserNamespaces())) process.exit(0);

const server = createServer((request, response) => response.end(`served ${request.url}\n`));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const { port } = server.address() as AddressInfo;
const granted = `127.0.0.1:${port}`;

const asks = (url: string) => `curl -s --max-time 5 ${url}`;

test('curl, node and python reach a granted host; nothing reaches another, with the proxy or around it', async (context) => {
  const here = place(context);
  const told: { by: CommandOf; hosts: HostUse[] }[] = [];
  const onHosts = (by: CommandOf, hosts: HostUse[]) => told.push({ by, hosts });
  const hands = await handsAt(context, { ...here.policy, network: [granted] }, onHosts);
  assert.match(hands.walls.summary, new RegExp(`proxy to ${granted}$`));
  const fetched = `${process.execPath} -e 'fetch("http://${granted}/node").then((a) => a.text()).then(console.log)'`;
  const python = `python3 -c 'import urllib.request as u; print(u.urlopen("http://${granted}/python").read())'`;
  const { text } = await sh(
    hands,
    `${asks(`http://${granted}/curl`)}; ${fetched}; command -v python3 >/dev/null && ${python}`,
  );
  assert.match(text, /served \/curl\nserved \/node/);
  assert.equal(told.flatMap(({ hosts }) => hosts).reduce((sum, { connections }) => sum + connections, 0) >= 2, true);
  const around = [
    `${asks('--noproxy "*"')} http://${granted}/`,
    asks('http://10.255.255.1/'),
    asks('https://example.org/'),
    `${asks('--noproxy "*"')} http://1.1.1.1/`,
    asks(`http://localhost:${port}/`),
  ];
  for (const command of around) assert.doesNotMatch((await sh(hands, command)).text, /served/, command);
  const refused = told.flatMap(({ hosts }) => hosts).filter(({ verdict }) => verdict === 'refused');
  assert.deepEqual(
    refused.map((use) => `${use.host}:${use.port}`),
    ['10.255.255.1:80', 'example.org:443'],
  );
});

test('a server of the commands’ own is theirs, with grants as without', async (context) => {
  const hands = await handsAt(context, { ...place(context).policy, network: ['example.org'] });
  const script = `const server = require("node:http").createServer((q, a) => a.end("own")).listen(0, "127.0.0.1", async () => {
    for (const host of ["localhost", "127.0.0.1"]) console.log(await (await fetch("http://" + host + ":" + server.address().port)).text());
    server.close(); });`;
  assert.equal((await sh(hands, `node -e '${script}'`)).text, 'own\nown\n');
});

test('without a grant there is no proxy and no variable of one', async (context) => {
  const hands = await handsAt(context, place(context).policy);
  assert.equal((await sh(hands, 'env | grep -ci proxy')).text, '0\n');
  assert.doesNotMatch(hands.walls.summary, /proxy/);
});

test('vtcode sandbox --network says what it refused; a wrong host is told and nothing starts', async () => {
  const vtcode = vtcodeHere();
  const folder = temporaryFolder('network');
  after(() => rmSync(folder, { recursive: true, force: true }));
  const words = [
    'sandbox',
    '-C',
    folder,
    '--network',
    granted,
    '--',
    'sh',
    '-c',
    `${asks(`http://${granted}/x`)}; ${asks('http://evil.org/')}`,
  ];
  const { stdout, stderr } = await vtcode.call(words);
  assert.match(stdout, /^served \/x\nvtcode: evil\.org:80 is refused: not granted/);
  assert.match(stderr, /vtcode refused evil\.org:80: not granted/);
  const wrong = await vtcode.call(['sandbox', '-C', folder, '--network', 'https://a.org', '--', 'true']);
  assert.deepEqual([wrong.code, /is no host/.test(wrong.stderr)], [2, true]);
});

test('a run’s log says which hosts a command reached and which it was refused', async () => {
  const vtcode = vtcodeHere();
  const models = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
  after(() => models.stop());
  useModel(
    vtcode,
    models,
    'openai-chat',
    `[network]\nallow = ["${granted}"]\n[policy.commands]\nallow = ["curl **"]\n`,
  );
  const command = `curl -s http://${granted}/logged http://evil.org/`;
  models.answerWith((request) => {
    const isFirst = !messagesOf(request).some(({ role }) => role === 'assistant');
    return { answer: isFirst ? { calls: [{ name: 'run_command', arguments: { command } }] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'do it', '--json', '-C', temporaryFolder('logged')]);
  const run = endOf(called).run ?? '';
  const shown = await vtcode.call(['audit', 'show', run, '--hosts', '--json']);
  const [row, ...more] = eventsOf(shown) as unknown as { what: string; hosts: HostUse[] }[];
  assert.deepEqual([row?.what, more], [command, []]);
  const none = { connections: 1, sent: 0 };
  assert.deepEqual(row?.hosts, [
    { host: '127.0.0.1', port, verdict: 'allowed', reason: '', ...none, received: 'served /logged\n'.length },
    { host: 'evil.org', port: 80, verdict: 'refused', reason: 'not granted', ...none, received: 0 },
  ]);
  const text = (await vtcode.call(['audit', 'show', run, '--hosts'])).stdout;
  assert.match(text, /evil\.org:80 refused \(not granted\), 1 times, 0 bytes out, 0 in/);
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});
