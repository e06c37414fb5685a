/**
 * Goal: whatever is said on the line between host and hands, and whatever path a tool is given, nothing crashes that must
 * not, and nothing is answered that is not so. Method: seeded random messages in both directions and random paths in a
 * random tree of links; what the resolver lets through is compared with the kernel's own answer.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fault } from '../../ipc/fault.ts';
import { handsAnswer, handsOrder } from '../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../ipc/ids.ts';
import { startHands } from '../../orchestrator/hands/hands.ts';
import { startProcess } from '../../orchestrator/hands/process.ts';
import { startChild } from '../../supervisor/child.ts';
import { isInside, resolveInside } from '../../tools/files/workspace-path.ts';
import { readPermit } from '../support/permitted.ts';
import { random } from '../support/random.ts';
import { builtHands } from '../support/vtcode.ts';
import { place } from '../tools/program/hands-here.ts';

const seed = 20_261_120;
const next = random(seed);
const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;

const scalars = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 53,
  Number.MAX_VALUE,
  '',
  'x',
  '../x',
  '__proto__',
  'a'.repeat(5_000),
  '\0',
  '\ud800',
  [],
  {},
];
const keys = [
  'type',
  'id',
  'tool',
  'arguments',
  'changes',
  'command',
  'directory',
  'timeoutMs',
  'environment',
  'policy',
  'walls',
  'report',
  'text',
  'isError',
  'outcomes',
  'reason',
  'signal',
  'passed',
  '__proto__',
  'constructor',
  'cmd',
];
const types = [
  'start',
  'prepare',
  'apply',
  'run',
  'cancel',
  'signal',
  'ready',
  'refused',
  'prepared',
  'applied',
  'output',
  'ran',
  'failed',
  'door',
  'NODE_HANDLE',
];
const tools = ['read_file', 'nothing', '__proto__', 'constructor', 'toString', 'search', 'apply'];

function anything(depth = 0): unknown {
  if (depth > 3 || next() < 0.5) return pick(scalars);
  if (next() < 0.3) return Array.from({ length: Math.floor(next() * 4) }, () => anything(depth + 1));
  return Object.fromEntries(Array.from({ length: Math.floor(next() * 6) }, () => [pick(keys), anything(depth + 1)]));
}

/** Something like a message: mostly of a known type, with fields that may or may not fit. */
function message(): unknown {
  if (next() < 0.15) return anything();
  const fields = {
    id: pick(['a', 'b', '__proto__', '']),
    tool: pick(tools),
    arguments: anything(),
    text: 'x',
    reason: 'x',
  };
  const own = Object.fromEntries(Object.entries(fields).filter(() => next() < 0.7));
  return { type: pick(types), ...own, ...(next() < 0.5 ? (anything() as object) : {}) };
}

test('orders that are none: hands refuse and end, or answer; they never do anything outside', async (context) => {
  const { policy } = place(context);
  let ended = 0;
  let answered = 0;
  for (let round = 0; round < 12; round += 1) {
    const { child } = startProcess({
      policy,
      family: newFamilyToken(),
      environment: { PATH: process.env.PATH, HOME: homedir() },
      program: builtHands,
    });
    context.after(() => child.kill());
    const ready = Promise.withResolvers<void>();
    child.channel.onMessage((raw) => {
      answered += 1;
      assert.ok(
        handsAnswer.safeParse(raw).success,
        `seed ${seed}: what hands say is in their protocol: ${JSON.stringify(raw)}`,
      );
      ready.resolve();
    });
    void child.exited.then(() => ready.resolve());
    const policyOr = round % 3 === 0 ? anything() : policy;
    child.channel.send({ type: 'start', policy: policyOr } as never);
    if (round % 2 === 0) await ready.promise;
    for (let count = 0; count < 120; count += 1) {
      const said = message() as { type?: unknown };
      // What would run commands for real is not what is tried here.
      if (handsOrder.safeParse(said).success && (said.type === 'run' || said.type === 'apply')) continue;
      child.channel.send(said as never);
    }
    const { signal } = await child.stop(5_000);
    assert.equal(signal, null, `seed ${seed}, round ${round}: they end by themselves`);
    ended += 1;
  }
  assert.equal(ended, 12);
  assert.ok(answered >= 6, `${answered}`);
});

test('answers that are none: the host ends those hands with a fault, and goes on', async (context) => {
  const { policy } = place(context);
  const liar = join(policy.home, 'liar.mjs');
  writeFileSync(
    liar,
    `const proof = { syncWriteRefused: true, asyncWriteRefused: true, workerWriteRefused: true, childWriteRefused: true };
    let isFirst = true;
    process.on('disconnect', () => process.exit());
    process.on('message', () => {
      if (isFirst) process.send({ type: 'ready', walls: { summary: 'lies', landlockAbi: 1, seccomp: true, network: 'open', keeps: true, proof } });
      else for (const one of JSON.parse(process.env.LIES)) process.send(one);
      isFirst = false;
    });`,
  );
  for (let round = 0; round < 25; round += 1) {
    const lies = Array.from({ length: 8 }, message);
    const child = startChild<never>({ program: liar, environment: { LIES: JSON.stringify(lies) } });
    context.after(() => child.kill());
    const hands = await startHands(
      { policy, family: newFamilyToken(), environment: {} },
      { child, mark: newFamilyToken(), installed: [] },
    );
    const asked = hands.prepare(readPermit(['x']), 'read_file', { path: 'x' }).catch((error: unknown) => error);
    const stopped = new Promise((resolve) => setTimeout(resolve, 2_000, 'silent')).then(() => hands.stop());
    const came = await Promise.race([asked, stopped]);
    const isWell =
      came === undefined ||
      (came instanceof Fault && /^(process|tool)_failed$|^sandbox/.test(came.code)) ||
      (came as { isError?: boolean }).isError !== undefined;
    assert.ok(isWell, `seed ${seed}, round ${round}: ${JSON.stringify(came)} for ${JSON.stringify(lies)}`);
    child.kill();
  }
});

/** Parts of paths: names that are there, and words that are no plain names. */
const names = [
  'a',
  'b',
  'c',
  'f',
  'l',
  'm',
  'n',
  'up',
  'upup',
  'self',
  'abs',
  'root',
  'gone',
  'round',
  'in',
  'chain',
  'back',
  'w',
  'w2',
  'out',
  'new',
  'F',
  'proc',
];
const oddNames = [
  '..',
  '..',
  '..',
  '.',
  '',
  '...',
  '.. ',
  '~',
  '\0',
  'a\0b',
  '\u202e',
  '．．',
  '%2e%2e',
  '-',
  ' ',
  '\\',
];

test('a path that the resolver lets through is inside, as the kernel sees it', () => {
  const top = realpathSync(mkdtempSync('/var/tmp/vtcode-paths-'));
  after(() => rmSync(top, { recursive: true, force: true }));
  const workspace = join(top, 'w');
  for (const folder of ['w/a/b', 'w/c', 'out/a', 'w2', 'packages/p']) mkdirSync(join(top, folder), { recursive: true });
  for (const file of ['w/f', 'w/a/f', 'out/f', 'out/a/f', 'w2/f', 'packages/p/f']) writeFileSync(join(top, file), file);
  const links: [string, string][] = [
    ['w/l', '../out'],
    ['w/m', 'a/b'],
    ['w/n', '../packages/p'],
    ['w/a/up', '..'],
    ['w/a/upup', '../..'],
    ['w/self', '.'],
    ['w/c/abs', join(top, 'out')],
    ['w/c/root', '/'],
    ['w/c/gone', '../../out/new'],
    ['w/c/round', 'round'],
    ['w/c/in', join(workspace, 'a')],
    ['w/c/proc', '/proc/self/cwd'],
    ['out/back', '../w'],
    ['w/c/chain', '../l/back/f'],
  ];
  for (const [name, target] of links) symlinkSync(target, join(top, name));
  const odd = [...oddNames, top.slice(1), workspace.slice(1)];
  const readable = [join(top, 'packages/p')];
  let through = 0;
  let existing = 0;
  for (let round = 0; round < 6_000; round += 1) {
    const parts = Array.from({ length: 1 + Math.floor(next() * 7) }, () => (next() < 0.35 ? pick(odd) : pick(names)));
    const path = `${pick(['', '', '', './', '/', `${workspace}/`, `${top}/`])}${parts.join('/')}`;
    let resolved: string;
    try {
      resolved = resolveInside(path, workspace, readable);
    } catch (error) {
      assert.ok(
        error instanceof Fault || (error as { code?: string }).code === 'ERR_INVALID_ARG_VALUE',
        `${path}: ${error}`,
      );
      continue;
    }
    through += 1;
    const real = kernelPath(resolved);
    if (real === undefined) continue;
    existing += 1;
    assert.ok(
      [workspace, ...readable].some((folder) => isInside(real, folder)),
      `seed ${seed}, round ${round}: ${JSON.stringify(path)} leads to ${real}`,
    );
  }
  assert.ok(through > 600 && existing > 100, `${through} through, ${existing} there`);
});

/** Where a path leads; for what is not there yet, where its folder does. */
function kernelPath(path: string): string | undefined {
  for (const one of [path, join(path, '..')])
    try {
      return realpathSync.native(one);
    } catch {
      // It is not there: its folder is asked next.
    }
  return undefined;
}
