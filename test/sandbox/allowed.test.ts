/** Goal: ordinary development work runs behind the walls. Method: real hands, real programs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PermittedHands } from '../support/permitted.ts';
import { handsAt, place, sh, type TestHands } from '../tools/program/hands-here.ts';

let here: TestHands;
let hands: PermittedHands;
const teardown: (() => unknown)[] = [];

before(async () => {
  const context = { after: (end: () => unknown) => void teardown.push(end) };
  const scripts = { hello: 'node hello.js', test: 'node --test' };
  here = place(context, {
    'package.json': JSON.stringify({ name: 'sample', version: '1.0.0', scripts }),
    'hello.js': 'console.log("hello from", process.env.npm_lifecycle_event)',
    'sum.test.js': 'require("node:test")("adds", () => require("node:assert").equal(1 + 1, 2))',
  });
  hands = await handsAt(context, here.policy);
});

after(async () => {
  for (const end of teardown.reverse()) await end();
});

test('git can make and commit a repository in a folder of the workspace', async () => {
  const identity = '-c user.name=a -c user.email=a@example.com';
  const made = await sh(
    hands,
    `mkdir r && cd r && git init -q && echo 1 > f && git add f && git ${identity} commit -qm one && git log --format=%s`,
  );
  assert.deepEqual({ code: made.code, last: made.text.trim().split('\n').at(-1) }, { code: 0, last: 'one' });
});

test('npm runs scripts and tests', async () => {
  const ran = await sh(hands, 'npm run -s hello && npm test');
  assert.equal(ran.code, 0, ran.text);
  assert.match(ran.text, /hello from hello/);
  assert.match(ran.text, /pass 1/);
});

test('threads, child processes and pipes work', async () => {
  const script = `const { Worker, isMainThread, parentPort } = require("node:worker_threads");
    const { fork } = require("node:child_process");
    if (process.argv[2]) process.send("forked");
    else new Worker("require('node:fs').promises.writeFile('from-worker', 'x').then(() => require('node:worker_threads').parentPort.postMessage('written'))", { eval: true })
      .on("message", (said) => { console.log(said); fork(__filename, ["child"]).on("message", (text) => console.log(text)); });`;
  const ran = await sh(hands, `cat > threads.js <<'END'\n${script}\nEND\nnode threads.js | cat`);
  assert.deepEqual(ran, { code: 0, text: 'written\nforked\n' });
});

test('a server on the loopback is reachable from the same hands', async (context) => {
  if (hands.walls.network !== 'private_loopback') return context.skip('this machine gives no private loopback');
  const script = `const http = require("node:http");
    const server = http.createServer((q, a) => a.end("served")).listen(0, "127.0.0.1", () =>
      http.get({ port: server.address().port, host: "localhost", family: 4 }, (a) => a.on("data", (d) => { console.log(String(d)); server.close(); process.exit(); })));`;
  assert.deepEqual(await sh(hands, `node -e '${script}'`), { code: 0, text: 'served\n' });
});

test('standard paths work: /tmp, /dev/null, /dev/stderr, the private home', async (context) => {
  const isPrivate = hands.walls.summary.includes('private file view');
  const temporary = isPrivate ? '/tmp' : '"$TMPDIR"';
  const command = `echo a > ${temporary}/a && cat ${temporary}/a && echo b > /dev/null && echo c > /dev/stderr && echo d > ~/d && cat ~/d`;
  assert.deepEqual(await sh(hands, command), { code: 0, text: 'a\nc\nd\n' });
  assert.equal(readFileSync(join(here.policy.home, 'd'), 'utf8'), 'd\n');
  assert.equal(readFileSync(join(here.policy.temporary, 'a'), 'utf8'), 'a\n');
  if (!isPrivate) return context.diagnostic('no private file view on this machine');
  const socket =
    'const s = require("node:net").createServer().listen("/tmp/s.sock", () => { console.log("listening"); s.close(); })';
  assert.deepEqual(await sh(hands, `node -e '${socket}'`), { code: 0, text: 'listening\n' });
});
