import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startInThread, workerPool } from '../../supervisor/pool.ts';
import { temporaryFolder } from '../support/repository.ts';

/** Goal: one occupant's end, whatever it is, is told to its owner and touches nobody else. Method: real worker threads. */
const folder = temporaryFolder('pool');
const program = join(folder, 'program.mjs');
const confine = join(import.meta.dirname, '..', '..', 'agents', 'confine.ts');
writeFileSync(
  program,
  `import { confineThread } from ${JSON.stringify(confine)};
confineThread();
export default async function run({ port, start }) {
  if (start.kind === 'throw') throw new Error('as told');
  if (start.kind === 'exit') process.exit(3);
  if (start.kind === 'spin') for (;;) {}
  if (start.kind === 'memory') { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)); }
  if (start.kind === 'reach') {
    const tried = {};
    for (const name of ['node:fs', 'fs', 'node:child_process', 'node:net', 'node:http', 'node:worker_threads'])
      tried[name] = await import(name).then(() => 'loaded', () => 'refused');
    tried.builtin = (() => { try { process.getBuiltinModule('fs'); return 'loaded'; } catch { return 'refused'; } })();
    tried.environment = Object.keys(process.env).length;
    port.postMessage(tried);
    port.close();
    return;
  }
  await new Promise((resolve) => port.once('message', (words) => { port.postMessage('heard ' + words); resolve(); }));
  port.close();
}
`,
);
const pool = await workerPool(program, { threadsMax: 3, heapMb: 64 });
after(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

const echo = async () => {
  const occupant = pool.start<string, string>({ kind: 'echo' });
  const answer = new Promise<string>((resolve) => occupant.channel.onMessage(resolve));
  occupant.channel.send('hello');
  assert.equal(await answer, 'heard hello');
  await occupant.ended;
};

test('an occupant speaks over its channel and ends by returning', echo);

for (const kind of ['throw', 'exit', 'memory'] as const) {
  test(`an occupant that ends by ${kind} rejects its own promise, closes its line, and others go on`, async () => {
    const occupant = pool.start({ kind });
    const closed = new Promise<void>((resolve) => occupant.channel.onClose(() => resolve()));
    await Promise.all([assert.rejects(occupant.ended), echo()]);
    await closed;
    assert.equal(occupant.channel.send('anybody?'), false);
  });
}

test('an occupant that never yields is ended by kill', async () => {
  const occupant = pool.start({ kind: 'spin' });
  const ended = assert.rejects(occupant.ended);
  setTimeout(() => occupant.kill(), 200);
  await ended;
});

test("an agent's thread cannot load files, processes or the network, and has no environment", async () => {
  const occupant = pool.start<string, Record<string, unknown>>({ kind: 'reach' });
  const tried = await new Promise<Record<string, unknown>>((resolve) => occupant.channel.onMessage(resolve));
  assert.deepEqual(tried, {
    'node:fs': 'refused',
    fs: 'refused',
    'node:child_process': 'refused',
    'node:net': 'refused',
    'node:http': 'refused',
    'node:worker_threads': 'refused',
    builtin: 'refused',
    environment: 0,
  });
});

test('the same program runs in this thread for a single occupant', async () => {
  const occupant = startInThread<string, string>(program, { kind: 'echo' });
  const answer = new Promise<string>((resolve) => occupant.channel.onMessage(resolve));
  occupant.channel.send('hello');
  assert.equal(await answer, 'heard hello');
  await occupant.ended;
  occupant.channel.close();
});
