/**
 * Goal: nothing behind the walls gets out. Method: every attack under attacks/sandbox is carried out by real hands; those
 * that are harmless are also carried out without walls, where they must come through, so that no attack is one in name only.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { copyFileSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type SystemCallName, systemCallNumber } from '../../sandbox/syscalls.ts';
import { listProcesses } from '../../supervisor/process-tree.ts';
import { packageFolder } from '../../supervisor/program.ts';
import type { PermittedHands } from '../support/permitted.ts';
import { commandOf } from '../support/processes.ts';
import { handsAt, place, type TestHands } from '../tools/program/hands-here.ts';

if (process.platform !== 'linux') process.exit(0);

/** `node`: code for the harness, which calls `escaped()`. `shell`: a line that prints ESCAPED, or the SECRET. */
type Attack = { name: string; node?: string; shell?: string; control?: boolean };
const folder = join(import.meta.dirname, 'attacks', 'sandbox');
const families = readdirSync(folder);
const attacksOf = (family: string) => JSON.parse(readFileSync(join(folder, family), 'utf8')) as Attack[];
const x64 = process.arch === 'x64';

/** Numbers that only attacks need. Source: the kernel's tables, as in sandbox/syscalls.ts. */
const moreNumbers = { pidfd_open: 434, pidfd_send_signal: 424, memfd_create: 319, sendto: 44, recvfrom: 45 };
const left = `84${process.pid}`;
const abstractName = `vtcode-attack-${process.pid}`;
let here: TestHands;
let hands: PermittedHands;
let environment: Record<string, string>;
/** A process of the person's, with a variable and a descriptor worth having. */
let victim: ReturnType<typeof spawn>;
const ends: (() => unknown)[] = [];

before(async () => {
  const context = { after: (end: () => unknown) => void ends.push(end) };
  here = place(context);
  const { outside } = here;
  writeFileSync(join(outside, 'secret'), 'SECRET\n', { mode: 0o600 });
  writeFileSync(join(outside, 'emptied'), 'content\n');
  const shared = `vtcode-attack-${process.pid}`;
  for (const place of ['/tmp', '/dev/shm']) {
    writeFileSync(join(place, shared), 'SECRET\n');
    ends.push(() => rmSync(join(place, shared), { force: true }));
  }
  const listen = async (where: { port: number; host: string } | { path: string }) => {
    const server = createServer((socket) => socket.on('error', () => {}).end('reached'));
    await new Promise<void>((resolve) => server.listen(where, resolve));
    ends.push(() => server.close());
    return server.address();
  };
  const tcp = (await listen({ port: 0, host: '127.0.0.1' })) as AddressInfo;
  const all = (await listen({ port: 0, host: '::' })) as AddressInfo;
  await listen({ path: join(outside, 'socket') });
  await listen({ path: `\0${abstractName}` });
  const udp = createSocket('udp4').on('message', (message, { port, address }) => udp.send(message, port, address));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  ends.push(() => udp.close());
  const options = { env: { VTCODE_ATTACK_MARK: 'SECRET' }, cwd: outside, detached: true, stdio: 'ignore' as const };
  victim = spawn('/bin/sleep', ['600'], options);
  ends.push(() => victim.kill('SIGKILL'));
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  environment = {
    ...{ HOST: String(victim.pid), HOST_GROUP: String(victim.pid), OUTSIDE: outside, HOST_HOME: homedir() },
    ...{ TCP: String(tcp.port), TCP_ALL: String(all.port), UDP: String(udp.address().port), ABSTRACT: abstractName },
    ...{ ADDRESS: own.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1' },
    ...{ SHM_FILE: shared, SHM_KEY: String(sharedMemory()), LEFT: left },
    ...{ KOFFI: join(packageFolder(), 'node_modules/koffi'), NUMBERS: JSON.stringify(numbers()) },
    ...{ PACKAGE: packageFolder(), RUNTIME: process.execPath },
  };
  hands = await handsAt(context, here.policy);
});

after(async () => {
  for (const end of ends.reverse()) await end();
});

function numbers(): Record<string, number> {
  const text = readFileSync(join(packageFolder(), 'sandbox/syscalls.ts'), 'utf8');
  const names = [...text.matchAll(/^ {2}(\w+): \[/gm)].map((match) => match[1] as SystemCallName);
  return { ...Object.fromEntries(names.map((name) => [name, systemCallNumber(name)])), ...moreNumbers };
}

/** A segment of System V shared memory of this user's, by its key; 1 where there is no ipcmk(1). */
function sharedMemory(): number {
  try {
    const id = /(\d+)\s*$/.exec(execFileSync('ipcmk', ['-M', '64'], { encoding: 'utf8' }))?.[1] ?? '';
    ends.push(() => execFileSync('ipcrm', ['-m', id]));
    const line = readFileSync('/proc/sysvipc/shm', 'utf8')
      .split('\n')
      .find((row) => row.trim().split(/\s+/)[1] === id);
    return Number(line?.trim().split(/\s+/)[0] ?? 1);
  } catch {
    return 1;
  }
}

/** What shows a write: everything outside, and of the home folder what start scripts and configuration are. */
const outsideState = () =>
  readdirSync(here.outside).map((name) => {
    const { size, mode, mtimeMs, nlink, uid } = lstatSync(join(here.outside, name));
    return { name, size, mode, mtimeMs, nlink, uid };
  });

const inside = async (command: string) => {
  const more = { directory: '.', timeoutMs: 60_000, environment };
  return (await hands.run({ command: `export HANDS=$PPID\n${command}`, ...more })).tail;
};

const without = (command: string, cwd: string) =>
  new Promise<string>((resolve) => {
    const env = {
      PATH: process.env.PATH,
      HOME: homedir(),
      HANDS: String(process.pid),
      VTCODE_ATTACK_MARK: 'x',
      ...environment,
    };
    execFile('/bin/sh', ['-c', command], { cwd, env }, (_error, stdout) => resolve(stdout));
  });

type Run = (command: string) => Promise<string>;

/** The names of the attacks that came through. */
async function carryOut(attacks: Attack[], where: string, run: Run): Promise<string[]> {
  const coded = attacks.filter(({ node }) => node !== undefined && x64);
  writeFileSync(join(where, 'attacks.json'), JSON.stringify(coded));
  copyFileSync(join(import.meta.dirname, 'attack-harness.cjs'), join(where, 'harness.cjs'));
  const said = await run(`ATTACKS=attacks.json ${process.execPath} harness.cjs 2>/dev/null`);
  const report = JSON.parse(said.trim().split('\n').at(-1) ?? '') as { ran: number; escapes: string[] };
  assert.equal(report.ran, coded.length);
  const escapes = [...report.escapes];
  for (const { name, shell } of attacks)
    if (shell !== undefined && /ESCAPED|SECRET/.test(await run(`(${shell}) 2>/dev/null`))) escapes.push(name);
  return escapes;
}

for (const family of families)
  test(`no attack of ${family} gets out`, async () => {
    const before = outsideState();
    assert.deepEqual(await carryOut(attacksOf(family), here.workspace, inside), []);
    assert.deepEqual(outsideState(), before);
    assert.equal(victim.exitCode ?? victim.signalCode, null, 'the victim lives');
    const leftOver = listProcesses().filter(({ pid, state }) => state !== 'Z' && commandOf(pid) === `sleep ${left}`);
    assert.deepEqual(leftOver, []);
  });

test('without walls the harmless ones of them do come through', async () => {
  const controls = families.flatMap(attacksOf).filter(({ control }) => control);
  const where = mkdtempSync('/var/tmp/vtcode-attack-');
  ends.push(() => rmSync(where, { recursive: true, force: true }));
  const escapes = await carryOut(controls, where, (command) => without(command, where));
  const wanted = controls.filter(({ node }) => node === undefined || x64).map(({ name }) => name);
  assert.deepEqual(
    wanted.filter((name) => !escapes.includes(name)),
    [],
  );
  assert.ok(wanted.length >= 25, `${wanted.length}`);
});

test('the corpus is as large as was promised, and no attack is in it twice', () => {
  const names = families.flatMap(attacksOf).map(({ name }) => name);
  assert.ok(names.length >= 40, `${names.length}`);
  assert.equal(new Set(names).size, names.length);
});
