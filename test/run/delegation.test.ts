import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endOf, eventsOf, runsIn } from '../support/called.ts';
import { eventsIn } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import type { Answer } from '../support/model-wire.ts';
import { eventually } from '../support/processes.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: agents start agents, hear what came of them, and need no thread while they wait.
 * Method: the real program against a scripted model that delegates as the prompt says.
 */
const vtcode = vtcodeHere();
let lingers = 0;
let isHurried = false;
/** How long is waited for what must come, in milliseconds. */
const patienceMs = 20_000;
const server = await startModelServer(async (request) => {
  const messages = messagesOf(request);
  const prompt = textOf(messages.find(({ role }) => role === 'user'));
  const results = messages.filter(({ role }) => role === 'tool').map(textOf);
  const ends = toolNames(request).includes('finish');
  const end = (summary: string) => ({
    answer: ends
      ? { calls: [{ name: 'finish', arguments: { outcome: 'done', summary, facts: ['a.txt:1 it is so'] } }] }
      : { text: summary },
  });
  const delegate = (role: string, words: string) => ({ name: 'delegate', arguments: { role, prompt: words } });
  const depth = /^go (\d)/.exec(prompt)?.[1];
  if (depth !== undefined) {
    if (results.length > 0) return end(`below ${depth}: ${results.join(' ')}`);
    if (depth === '0') return end('the bottom');
    return { answer: { calls: [delegate('general', `go ${Number(depth) - 1}`)] } };
  }
  if (prompt.startsWith('fan out')) {
    if (results.length > 0) return end(`all of them: ${results.length}`);
    return { answer: { calls: [1, 2, 3, 4].map((number) => delegate('explorer', `look ${number}`)) } };
  }
  const studied = study(prompt, results.length);
  if (studied) return { answer: studied };
  if (prompt === 'look slowly') await new Promise((resolve) => setTimeout(resolve, 500));
  // Who leads has been parked by then: otherwise one that is quick would be done before anybody waits for it.
  if (prompt === 'look when waited for') await eventually(isWaitedFor, patienceMs);
  if (prompt.startsWith('look')) {
    if (results.length > 0) return end(`${prompt} saw ${results[0]}`);
    return { answer: { calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] } };
  }
  const lead = (given: Record<string, unknown>) => ({ answer: { calls: [{ name: 'agents', arguments: given }] } });
  if (prompt.startsWith('lead')) {
    const steps = [
      { action: 'start', role: 'explorer', prompt: 'look when waited for' },
      { action: 'start', role: 'general', prompt: 'linger' },
      { action: 'wait', until: 'any' },
      { action: 'tell', ids: ['agent/2'], text: 'hurry' },
      { action: 'list' },
      { action: 'stop', ids: ['agent/2'] },
      { action: 'wait' },
      { action: 'tell', ids: ['agent/7'], text: 'x' },
    ];
    const step = steps[results.length];
    // Not stopped before it was heard.
    if (step?.action === 'list') await eventually(() => isHurried, patienceMs);
    return step ? lead(step) : end(results.join('\n---\n'));
  }
  if (prompt.startsWith('hasty')) {
    if (results.length === 0) return lead({ action: 'start', role: 'explorer', prompt: 'look slowly' });
    const warned = messages.some((message) => textOf(message).includes('still at work: agent/1'));
    if (results.length === 1 && warned) return lead({ action: 'wait' });
    return end(results.join(' | '));
  }
  if (prompt === 'linger') {
    lingers += 1;
    isHurried ||= request.text.includes('hurry');
    await new Promise((resolve) => setTimeout(resolve, 400));
    return { answer: { calls: [{ name: 'run_command', arguments: { command: 'true' } }] } };
  }
  if (prompt.startsWith('ask nobody')) {
    if (results.length > 0) return end(results.join(' | '));
    return { answer: { calls: [delegate('explorr', 'x'), { name: 'read_file', arguments: { path: 'a.txt' } }] } };
  }
  return { answer: { text: 'what?' } };
});
after(() => server.stop());

/** Four agents that read five times and end in plain text, and the one that asks them. */
function study(prompt: string, results: number): Answer | null {
  if (prompt.startsWith('ask four')) {
    if (results > 0) return { text: `all of them: ${results}` };
    const ask = (number: number) => ({
      name: 'delegate',
      arguments: { role: 'explorer', prompt: `study ${number}` },
    });
    return { calls: [1, 2, 3, 4].map(ask) };
  }
  if (!prompt.startsWith('study')) return null;
  if (results === 5) return { text: `${prompt}: forty-two` };
  return { calls: [{ name: 'read_file', arguments: { path: 'a.txt', limit: results + 1 } }] };
}

function isWaitedFor(): boolean {
  const run = runsIn(vtcode).find((id) =>
    eventsIn(vtcode, id).some((event) => 'goal' in event && event.goal === 'lead'),
  );
  return run !== undefined && eventsIn(vtcode, run).some(({ type }) => type === 'agent.parked');
}

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'vtcode-delegation-'));
  writeFileSync(join(path, 'a.txt'), 'forty-two\n');
  return path;
}

test('delegation three deep needs one foreground slot: whoever waits is parked', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\nagents = 1\n');
  const called = await vtcode.call(['run', 'go 3', '-C', place(), '--json']);
  const end = endOf(called);
  assert.equal(called.code, 0, called.stderr);
  assert.match(end.manifest?.reason ?? '', /^below 3: done: below 2: done: below 1: done: the bottom/);
  const events = eventsOf(called);
  const names = (type: string) => events.filter((event) => event.type === type).map(({ agent }) => agent);
  assert.deepEqual(names('agent.delegated'), ['agent/1', 'agent/1/1', 'agent/1/1/1']);
  assert.deepEqual(names('agent.parked'), ['agent', 'agent/1', 'agent/1/1']);
  assert.deepEqual(names('agent.started'), [
    'agent',
    'agent/1',
    'agent/1/1',
    'agent/1/1/1',
    'agent/1/1',
    'agent/1',
    'agent',
  ]);
});

test('deeper than limits.depth nobody is started; the agent is told and does it itself', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\ndepth = 1\n');
  const called = await vtcode.call(['run', 'go 3', '-C', place(), '--json']);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(eventsOf(called).filter(({ type }) => type === 'agent.delegated').length, 1);
  assert.match(endOf(called).manifest?.reason ?? '', /limits\.depth/);
});

test('several agents delegated in one turn work at the same time, and each result comes back once', async () => {
  useModel(vtcode, server);
  const called = await vtcode.call(['run', 'fan out', '-C', place(), '--json']);
  const events = eventsOf(called);
  assert.equal(endOf(called).manifest?.reason, 'all of them: 4', called.stderr);
  const order = events.filter(
    ({ type, agent }) => /^agent\/\d$/.test(String(agent)) && /agent\.(started|finished)/.test(String(type)),
  );
  assert.deepEqual(
    order.slice(0, 4).map(({ type }) => type),
    Array.from({ length: 4 }, () => 'agent.started'),
    'all four begin before the first ends',
  );
  const results = events.filter(({ type, name }) => type === 'tool.finished' && name === 'delegate');
  assert.equal(new Set(results.map(({ call }) => call)).size, 4);
  assert.match(JSON.stringify(results[0]), /look \d saw forty-two/);
});

test('four agents of six model calls each that end in plain text cost 26 calls, not one more', async () => {
  useModel(vtcode, server);
  const called = await vtcode.call(['run', 'ask four', '-C', place(), '--json']);
  const { manifest } = endOf(called);
  assert.deepEqual([manifest?.outcome, manifest?.models], ['done', { 'acme/big': 26 }], called.stderr);
  const ends = eventsOf(called).filter(({ type, agent }) => type === 'agent.finished' && agent !== 'agent');
  assert.deepEqual(
    ends.map(({ handoff }) => (handoff as { outcome: string }).outcome),
    ['done', 'done', 'done', 'done'],
  );
});

test('a role that does not exist is answered with what was meant, and the other calls of the turn go on', async () => {
  useModel(vtcode, server);
  const called = await vtcode.call(['run', 'ask nobody', '-C', place(), '--json']);
  assert.match(
    endOf(called).manifest?.reason ?? '',
    /did you mean 'explorer'.*forty-two|forty-two.*did you mean 'explorer'/,
  );
});

test('an agent leads others in the background: starts, waits for any, tells, lists, stops, and hears each hand-off', async () => {
  useModel(vtcode, server);
  const called = await vtcode.call(['run', 'lead', '-C', place(), '--json']);
  assert.equal(called.code, 0, called.stderr);
  const heard = (endOf(called).manifest?.reason ?? '').split('\n---\n');
  assert.deepEqual(heard.slice(0, 2), ['started agent/1', 'started agent/2']);
  assert.match(
    heard[2] ?? '',
    /agent\/1: done: look when waited for saw forty-two\nfacts: a\.txt:1 it is so\n\nagent\/2: at work/,
  );
  assert.match(heard[4] ?? '', /agent\/2: at work, \d+ turns/);
  assert.match(heard[6] ?? '', /agent\/2: cannot: stopped by agent/);
  assert.match(heard[7] ?? '', /There is no agent 'agent\/7' of yours \(yours: agent\/1, agent\/2\)/);
  assert.ok(lingers > 0 && isHurried);
  const events = eventsOf(called);
  assert.ok(events.some(({ type, agent, text }) => type === 'agent.told' && agent === 'agent/2' && text === 'hurry'));
  assert.ok(server.requests.some((request) => request.text.includes('hurry') && request.text.includes('linger')));
  assert.equal(events.filter(({ type, agent }) => type === 'agent.parked' && agent === 'agent').length, 1);
});

test('an agent that would end while others work for it is told so, and waits', async () => {
  useModel(vtcode, server);
  const called = await vtcode.call(['run', 'hasty', '-C', place(), '--json']);
  assert.equal(called.code, 0, called.stderr);
  assert.match(endOf(called).manifest?.reason ?? '', /started agent\/1 \| agent\/1: done: look slowly saw forty-two/);
});
