// Goal: an agent searches the web through the gate, by its model's vendor or at the person's endpoint; what it found
// taints it, and each search is paid for.
// Method: the real program, a scripted vendor with a search of its own, and an endpoint on loopback.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventsIn } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import { useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const queries: string[] = [];
const endpoint = createServer((request, response) => {
  queries.push(new URL(request.url ?? '', 'http://x').searchParams.get('q') ?? '');
  const results = [{ url: 'https://example.org/a', title: 'Release notes', content: 'Version 2 is out.' }];
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ results }));
});
await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
const own = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/s?q={query}`;
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
after(async () => {
  endpoint.close();
  await server.stop();
});

type Body = {
  system?: { text: string }[];
  messages: { content: unknown }[];
  tools?: { type?: string; name: string }[];
};
const isSearch = (body: Body) => body.tools?.some(({ type }) => type === 'web_search_20250305') === true;

/** The vendor searches when it is asked to; the agent asks for a search, then says what it was told. */
function answerSearches(fails = false) {
  server.answerWith(({ body }) => {
    const asked = body as unknown as Body;
    if (isSearch(asked)) return fails ? { status: 400, body: { error: { message: 'no searches here' } } } : found;
    if (asked.messages.length > 1) return { answer: { text: 'Done.' } };
    return { answer: { calls: [{ name: 'web_search', arguments: { q: 'version of x' } }] } };
  });
}
const found = {
  answer: { text: 'Version 2 is out: https://example.org/a' },
  pieces: (events: string[]) =>
    events.map((event) =>
      event.includes('"message_delta"')
        ? event.replace('"usage":{', '"usage":{"server_tool_use":{"web_search_requests":3},')
        : event,
    ),
};

const use = (more: string) =>
  useModel(vtcode, server, 'anthropic', `${more}\n`, 100_000, '[providers.acme.quirks]\nwebSearchUsd = 0.01\n');
const place = () => mkdtempSync(join(tmpdir(), 'vtcode-search-'));
const lastTold = () => JSON.stringify((server.requests.at(-1)!.body as unknown as Body).messages.at(-1));
const runOf = (stderr: string) => /run_\w+/.exec(stderr)?.[0] ?? '';

test('the vendor of the model searches once it may; the search is paid for, and taints', async () => {
  use('[network]\nallow = ["web_search"]');
  answerSearches();
  const called = await vtcode.call(['run', 'what is new?', '-C', place(), '--auto']);
  assert.equal(called.code, 0, called.stderr);
  const bodies = server.requests.map(({ body }) => body as unknown as Body);
  assert.deepEqual(bodies.map(isSearch), [false, true, false]);
  const [first, search] = bodies;
  assert.ok(first?.tools?.some(({ name }) => name === 'web_search'));
  assert.match(JSON.stringify(search?.messages), /version of x/);
  assert.match(JSON.stringify(search?.system), /searching the web/);
  assert.match(lastTold(), /Version 2 is out.*a web search was read and is not trusted/);
  const events = eventsIn(vtcode, runOf(called.stderr));
  const costs = events.flatMap((event) => (event.type === 'model.finished' ? [event.usage] : []));
  assert.deepEqual(
    costs.map(({ searches }) => searches),
    [undefined, 3, undefined],
  );
  assert.ok((costs[1]?.usd ?? 0) > 0.03 && (costs[0]?.usd ?? 1) < 0.01);
});

test('nobody there to ask: refused, with what to do; nothing leaves', async () => {
  use('');
  answerSearches();
  const before = server.requests.length;
  const called = await vtcode.call(['run', 'what is new?', '-C', place(), '--auto']);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(server.requests.length - before, 2);
  assert.match(lastTold(), /needs a person.*searches the web, which network\.allow does not name/);
});

test('a search that fails is told, and the agent goes on', async () => {
  use('[network]\nallow = ["web_search"]');
  answerSearches(true);
  const called = await vtcode.call(['run', 'what is new?', '-C', place(), '--auto']);
  assert.equal(called.code, 0, called.stderr);
  assert.match(lastTold(), /The search failed: .*no searches here/);
});

test('a search whose host is killed goes on after it, with one searcher', async () => {
  use('[network]\nallow = ["web_search"]');
  answerSearches();
  let isKilled = false;
  const child = vtcode.start(['run', 'what is new?', '-C', place(), '--auto', '--json']);
  const ended = new Promise((resolve) => child.on('close', resolve));
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  server.answerWith(async ({ body }) => {
    const asked = body as unknown as Body;
    if (isSearch(asked) && !isKilled) {
      isKilled = child.kill('SIGKILL');
      await ended;
    }
    if (isSearch(asked)) return found;
    if (asked.messages.length > 1) return { answer: { text: 'Done.' } };
    return { answer: { calls: [{ name: 'web_search', arguments: { query: 'version of x' } }] } };
  });
  await ended;
  const { run } = JSON.parse(stdout.split('\n')[0] ?? '') as { run: string };
  const resumed = await vtcode.call(['resume', run]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(lastTold(), /Version 2 is out/);
  assert.equal(eventsIn(vtcode, run).filter(({ type }) => type === 'agent.delegated').length, 1);
});

test('an endpoint is asked instead of the vendor, and its host is in the log', async () => {
  use(`[network]\nallow = ["web_search"]\n[web_search]\nurl = "${own}"`);
  answerSearches();
  const before = server.requests.length;
  const called = await vtcode.call(['run', 'what is new?', '-C', place(), '--auto']);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(server.requests.length - before, 2);
  assert.deepEqual(queries, ['version of x']);
  assert.match(lastTold(), /1\. Release notes.*Version 2 is out\..*127\.0\.0\.1 was read and is not trusted/);
  assert.ok(eventsIn(vtcode, runOf(called.stderr)).some((event) => event.type === 'network.used'));
});

test('a vendor without a search of its own and no endpoint: the tool is not offered', async () => {
  useModel(vtcode, server, 'anthropic');
  answerSearches();
  await vtcode.call(['run', 'what is new?', '-C', place(), '--auto']);
  const body = server.requests.at(-1)!.body as unknown as Body;
  assert.ok(body.tools?.every(({ name }) => name !== 'web_search'));
});
