// Goal: a vendor that falls silent never holds a run up: the call ends at its deadline, the next model goes on, and where
// there is none the words say which deadline passed. Method: real runs against servers that never send a head, never a
// first token, stop in the middle, or send keep-alives only; the deadline in question is one second.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Event } from '../../ipc/events.ts';
import { assertAccount, lastLineOf, logOf, ofType } from '../support/account.ts';
import { useChain } from '../support/chain.ts';
import { countsRepository, numbersTo } from '../support/counts.ts';
import { type Piece, type Reply, type Script, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const keepAlives: Piece[] = Array.from({ length: 40 }, () => [': keep-alive\n\n', { silenceMs: 100 }]).flat();
const upToOne = (events: string[]) => events.slice(0, events.findIndex((event) => event.includes('One')) + 1);
type Silence = { name: string; deadline: string; script: Script };
const silences: Silence[] = [
  { name: 'never sends a head', deadline: 'connect', script: () => new Promise<Reply>(() => {}) },
  { name: 'never sends a first token', deadline: 'first token', script: () => ({ pieces: () => ['hang'] }) },
  {
    name: 'stops in the middle',
    deadline: 'idle',
    script: () => ({ answer: { text: ['One', 'two'] }, pieces: (events) => [...upToOne(events), 'hang'] }),
  },
  { name: 'only sends keep-alives', deadline: 'first token', script: () => ({ pieces: () => keepAlives }) },
];

/** One deadline is a second, the others are out of reach, so that on a slow machine no other one passes first. */
function settingsOf(deadline: string): string {
  const keys = { connect: 'connect_seconds', 'first token': 'first_token_seconds', idle: 'idle_seconds' };
  const deadlines = Object.entries(keys).map(([name, key]) => `${key} = ${name === deadline ? 1 : 60}\n`);
  return `[limits]\nagents = 6\nworkspaces = 6\n[models]\n${deadlines.join('')}retries = 1\npatience_seconds = 1\n`;
}

async function silentVendor(context: TestContext, { script, deadline }: Silence, withOther: boolean) {
  const first = await startModelServer(script);
  const second = await startModelServer(() => ({ answer: { text: 'It is 42.' } }));
  const vtcode = vtcodeHere();
  context.after(async () => {
    await Promise.all([first.stop(), second.stop()]);
    rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
  });
  const vendors = [
    { name: 'first', baseUrl: first.baseUrl('anthropic'), format: 'anthropic' as const },
    { name: 'second', baseUrl: second.baseUrl('openai-chat'), format: 'openai-chat' as const },
  ];
  useChain(vtcode, vendors.slice(0, withOther ? 2 : 1), settingsOf(deadline));
  return vtcode;
}

/** Asserts that each call which failed did so at its deadline, and says which. */
function assertAtDeadline(events: Event[], deadline: string): void {
  const failed = ofType(events, 'model.failed');
  assert.ok(failed.length > 0);
  for (const { agent, seq, at, kind, reason } of failed) {
    const granted = ofType(events, 'model.granted').findLast((one) => one.agent === agent && one.seq < seq);
    // Not earlier; how much later it is noticed is the machine's.
    assert.ok(Date.parse(at) - Date.parse(granted?.at ?? '') >= 900, `${granted?.at} to ${at}`);
    assert.deepEqual({ kind, words: reason.includes(`1 s (${deadline} deadline)`) }, { kind: 'timeout', words: true });
  }
}

describe('a vendor that', { concurrency: 4 }, () => {
  for (const silence of silences) {
    const { name, deadline } = silence;
    test(`${name} is left at the ${deadline} deadline for the next model`, async (context) => {
      const vtcode = await silentVendor(context, silence, true);
      const called = await vtcode.call(['ask', 'what is it?', '--json', '-C', temporaryFolder('silent')]);
      assert.equal(called.code, 0, called.stderr);
      const events = logOf(called);
      assertAtDeadline(events, deadline);
      assertAccount(events);
      const [switched] = ofType(events, 'model.switched');
      assert.match(switched?.reason ?? '', new RegExp(`\\(${deadline} deadline\\)`));
      assert.equal(lastLineOf(called).manifest?.reason, 'It is 42.');
    });

    test(`${name} and is the only one ends the agent with the name of the ${deadline} deadline`, async (context) => {
      const vtcode = await silentVendor(context, silence, false);
      const called = await vtcode.call(['ask', 'what is it?', '-C', temporaryFolder('silent')]);
      assert.notEqual(called.code, 0);
      assert.match(called.stderr, new RegExp(`FAILED: first/big: .* 1 s \\(${deadline} deadline\\)`));
    });
  }
});

test('six tasks whose only vendor is silent fail with the name of the deadline, also those it was left alone for', async (context) => {
  const vtcode = await silentVendor(context, silences[1]!, false);
  const repository = countsRepository(6);
  context.after(() => repository.remove());
  const plan = repository.planFile(numbersTo(6));
  const called = await vtcode.call(['run', '--plan-file', plan, '--yes', '--json', '-C', repository.root]);
  assert.equal(called.code, 1, called.stderr);
  assertAccount(logOf(called));
  for (const { state, reason } of lastLineOf(called).manifest?.tasks ?? [])
    assert.deepEqual(
      { state, words: reason.includes('1 s (first token deadline)') },
      { state: 'parked', words: true },
      reason,
    );
});
