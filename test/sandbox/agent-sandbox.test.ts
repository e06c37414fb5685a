/**
 * Goal: an agent that is a process of its own can think and speak to models, and nothing else. Method: a real process puts
 * itself behind those walls and tries; the same attempts are made without walls, so that one that cannot work proves nothing.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { landlockAbi } from '../../sandbox/landlock.ts';
import { startInProcess } from '../../supervisor/agent-process.ts';
import { programPath } from '../../supervisor/program.ts';

if (process.platform !== 'linux' || landlockAbi() < 6) process.exit(0);

const server = createServer((_request, response) => response.end('served'));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());

type Report = { confined: boolean; holes: string[]; worked: string[]; tried: number; missing: Record<string, string> };

async function tryAll(confine: boolean): Promise<Report> {
  const folder = mkdtempSync('/var/tmp/vtcode-brain-');
  after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'file'), 'content');
  const sockets = createSocketServer();
  await new Promise<void>((resolve) => sockets.listen(join(folder, 'socket'), resolve));
  const { port } = server.address() as AddressInfo;
  const given = JSON.stringify({ folder, port, parent: process.pid, confine });
  const program = join(import.meta.dirname, 'confined-agent.ts');
  try {
    return await new Promise((resolve, reject) =>
      execFile(process.execPath, [program, given], (error, stdout, stderr) =>
        error ? reject(new Error(`${error.message}${stderr}`)) : resolve(JSON.parse(stdout) as Report),
      ),
    );
  } finally {
    sockets.close();
  }
}

test('it starts nothing, writes nothing, reads nothing of a person’s and serves nothing; what it needs works', async () => {
  const { confined, holes, worked, missing } = await tryAll(true);
  assert.deepEqual({ confined, holes, worked, missing }, { confined: true, holes: [], worked: [], missing: {} });
});

test('without walls every attempt but those on what was removed before works', async () => {
  const { worked, tried, missing } = await tryAll(false);
  assert.ok(tried - worked.length <= 7, `${worked.length} of ${tried}: ${worked.join(', ')}`);
  assert.deepEqual(missing, {});
});

test('the agent program is behind them before it says hello', async () => {
  const folder = mkdtempSync('/var/tmp/vtcode-brain-');
  after(() => rmSync(folder, { recursive: true, force: true }));
  const outputFile = join(folder, 'output');
  const order = {
    program: programPath('agents'),
    start: { never: 'valid' },
    redact: (line: string) => line,
    environment: {},
    outputFile,
    memoryMb: 256,
  };
  const agent = await startInProcess(order);
  const status = () => readFileSync(`/proc/${agent.pid}/status`, 'utf8');
  while (!/^Seccomp:\t2$/m.test(status())) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(status(), /^NoNewPrivs:\t1$/m);
  assert.match(status(), /^CapEff:\t0{16}$/m);
  agent.kill();
  await assert.rejects(agent.ended);
});
