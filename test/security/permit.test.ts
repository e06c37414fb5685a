import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hands } from '../../orchestrator/hands/hands.ts';
import { type Ground, judge, type Permit, recordedPermit, requirePermit } from '../../security/judge.ts';
import type { Effect } from '../../tools/contracts/tool.ts';
import { sources } from '../tidy/sources.ts';

/**
 * Goal: the hands take no order that the gate, a recorded answer or the log of a judged call did not make. Method: what
 * must not compile is said in types (`npm run check` is red when it does), what looks like a permit is refused at run time,
 * and the sources are searched for other ways.
 */
const ground: Ground = {
  follow: () => ({ links: () => [], matches: () => null }),
  tops: ['/work/tree'],
  saves: false,
  registries: [],
  ...{
    origin: 'agent',
    mode: 'write',
    permissions: 'ask',
    scope: ['src/**'],
    protect: [],
    readable: [],
    paths: { allow: [], ask: [], deny: [] },
  },
  commands: { allow: ['ls'], ask: [], deny: [] },
};
const run = { kind: 'run' as const, command: 'ls', directory: '.' };
const create = (path: string) => ({ kind: 'create' as const, path, after: '', content: '', executable: false });

function permitFor(...effects: Parameters<typeof judge>[0]): Permit {
  const judged = judge(effects, ground);
  assert.equal(judged.verdict, 'allow');
  return (judged as { permit: Permit }).permit;
}

test('a permit is good for exactly what was judged', () => {
  requirePermit(permitFor(run), run);
  requirePermit(permitFor({ kind: 'write', path: 'src/a' }), { kind: 'apply', changes: [create('src/a')] });
  const others = [
    { ...run, command: 'ls /' },
    { ...run, directory: 'sub' },
    { kind: 'apply' as const, changes: [create('src/a')] },
  ];
  for (const order of others) assert.throws(() => requirePermit(permitFor(run), order), /nobody allowed/);
  const one = permitFor({ kind: 'write', path: 'src/a' });
  const two = [create('src/a'), create('src/b')];
  assert.throws(() => requirePermit(one, { kind: 'apply', changes: two }), /nobody allowed/);
});

test('what only looks like a permit is none, and none can be changed', () => {
  const forged: unknown = { effects: [run], rule: 'mine' };
  assert.throws(() => requirePermit(forged as never, run), /nobody allowed/);
  assert.throws(() => requirePermit({ ...permitFor(run) }, run), /nobody allowed/);
  const given = permitFor(run);
  assert.throws(() => Object.assign(given, { effects: [{ ...run, command: 'rm' }] }), TypeError);
  assert.throws(() => Object.assign(given.effects[0]!, { command: 'rm' }), TypeError);
  assert.throws(() => (given.effects as unknown[]).push({ ...run, command: 'rm' }), TypeError);
  assert.throws(() => requirePermit(structuredClone(given), run), /nobody allowed/);
});

/** Whether something could be given where a permit is wanted. */
type IsPermit<Given> = Given extends Permit ? 'yes' : 'no';
const written: IsPermit<{ readonly effects: readonly Effect[]; readonly rule: string }> = 'no';
const wanted: { [Order in 'prepare' | 'apply' | 'run']: IsPermit<Parameters<Hands[Order]>[0]> } = {
  ...{ prepare: 'yes', apply: 'yes', run: 'yes' },
};

test('an order without a permit does not compile, nor does a permit that somebody wrote down', () => {
  assert.deepEqual([written, ...Object.values(wanted)], ['no', 'yes', 'yes', 'yes']);
});

test('asking and denying make no permit', () => {
  for (const effect of [
    { ...run, command: 'unknown' },
    { kind: 'write' as const, path: '.git/x' },
  ])
    assert.equal('permit' in judge([effect], ground), false);
});

test('a call that was judged and written down may be finished, and nothing else', () => {
  const head = {
    type: 'tool.started' as const,
    seq: 1,
    at: '',
    run: 'r',
    v: 1,
    agent: 'a',
    call: 'c',
    rule: 'was allowed',
  };
  const permit = recordedPermit({ ...head, changes: [create('src/a')] });
  requirePermit(permit, { kind: 'apply', changes: [create('src/a')] });
  assert.throws(() => requirePermit(permit, { kind: 'apply', changes: [create('src/b')] }), /nobody allowed/);
});

test('no other file makes permits, and only one speaks to the hands', () => {
  const product = sources().filter(({ path }) => !path.startsWith('test/'));
  const naming = (pattern: RegExp) => product.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
  assert.deepEqual(naming(/as (unknown as |never as |any as )?Permit\b/), ['security/judge.ts']);
  assert.deepEqual(naming(/\bHandsOrder\b/).sort(), [
    'ipc/hands-protocol.ts',
    'orchestrator/hands/hands.ts',
    'orchestrator/hands/process.ts',
    'tools/program/session.ts',
  ]);
});
