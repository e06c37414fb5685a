// Goal: an agent reads a page through the gate: from a granted host, with the host in the log, and tainted from then on.
// Method: a scripted model asks for pages of a server on loopback, whose address a person granted, and of another host.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startModelServer } from '../support/model-server.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

let served = 0;
const pages = createServer((_, response) => {
  served += 1;
  response.setHeader('content-type', 'text/html').end('<h1>Release notes</h1><p>Version 2 is out.</p>');
});
await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
const own = `127.0.0.1:${(pages.address() as AddressInfo).port}`;
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server, 'openai-chat', `[network]\nallow = ["${own}"]\n`);
after(async () => {
  pages.close();
  await server.stop();
});

test('a granted page is read once and told as Markdown; other hosts and one’s own network are refused', async () => {
  const place = mkdtempSync(join(tmpdir(), 'vtcode-fetch-'));
  const fetched = (url: string) => [{ name: 'fetch_url', arguments: { url } }];
  const turns = [
    ...[fetched(`http://${own}/notes`), fetched(`http://${own}/notes`)],
    ...[fetched('https://example.org/'), fetched('http://localhost:1/')],
  ];
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    return { answer: turns[said] ? { calls: turns[said] } : { text: 'Done.' } };
  });
  const called = await vtcode.call(['run', 'what is new?', '-C', place, '--auto']);
  assert.equal(called.code, 0, called.stderr);
  const [first = '', again = '', other = '', local = ''] = messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
  assert.match(first, /^# Release notes\n\nVersion 2 is out\.\n\(127\.0\.0\.1 was read and is not trusted/);
  assert.equal(again, '# Release notes\n\nVersion 2 is out.');
  assert.equal(served, 1);
  assert.match(other, /needs a person.*fetches from example\.org, which network\.allow does not name/);
  assert.match(local, /the policy forbids it.*localhost:1 is no public address/);
  const run = /run_\w+/.exec(called.stderr)?.[0] ?? '';
  const { stdout } = await vtcode.call(['logs', run, '--json']);
  assert.match(
    stdout,
    new RegExp(`"type":"network.used".*"host":"127.0.0.1","port":${own.split(':')[1]},"verdict":"allowed"`),
  );
});
