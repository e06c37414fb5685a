import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Row } from '../../orchestrator/runs/overview.ts';
import { endOf, eventsOf } from '../support/called.ts';
import { detach, endState, eventsIn, untilLogged } from '../support/detached.ts';
import { startModelServer } from '../support/model-server.ts';
import { eventually } from '../support/processes.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: on a machine that is short of memory background agents wait for each other, which is to be seen, and all end well.
 * Method: the real program, told that more memory is to stay free than any machine has; an agent starts three others, and
 * the first of them is answered only after the others were seen waiting.
 */
const vtcode = vtcodeHere();
const folder = temporaryFolder('short');
writeFileSync(join(folder, 'a.txt'), 'a\n');
let whileOneWorks: Row[] = [];
let held = Promise.resolve();
const stopped = Promise.withResolvers<void>();
const server = await startModelServer(async (request) => {
  const messages = messagesOf(request);
  const prompt = textOf(messages.find(({ role }) => role === 'user'));
  const answers = messages.filter(({ role }) => role === 'tool').map(textOf);
  if (prompt === 'look 0') whileOneWorks = await rows();
  const end = (text: string) =>
    toolNames(request).includes('finish')
      ? { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: text } }] } }
      : { answer: { text } };
  if (prompt === 'look until it is stopped') await stopped.promise;
  if (prompt === 'hold') await held;
  if (!prompt.startsWith('lead')) return end('seen');
  const call = (given: object) => ({ name: 'agents', arguments: given });
  if (prompt === 'lead and stop') {
    const steps = [
      { action: 'start', role: 'explorer', prompt: 'look until it is stopped' },
      { action: 'start', role: 'explorer', prompt: 'look never' },
      { action: 'stop', ids: ['agent/2'] },
      { action: 'wait' },
    ];
    if (answers.length === 3) stopped.resolve();
    const step = steps[answers.length];
    return step ? { answer: { calls: [call(step)] } } : end(answers.at(-1) ?? '');
  }
  if (answers.length === 0)
    return {
      answer: {
        calls: [0, 1, 2].map((at) => call({ action: 'start', role: 'explorer', prompt: `look ${at}` })),
      },
    };
  return answers.length === 3 ? { answer: { calls: [call({ action: 'wait' })] } } : end('all seen');
});
after(async () => {
  await server.stop();
  await endState(vtcode);
});

async function rows(): Promise<Row[]> {
  const called = await vtcode.call(['ps', '--json']);
  return (JSON.parse(called.stdout) as { rows: Row[] }).rows;
}

test('further agents are queued, listed as such, told once, and start one after the other', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\nreserve_mb = 100_000_000\n');
  const run = await detach(vtcode, ['run', 'lead', '--detach', '-C', folder]);
  const waited = await vtcode.call(['wait', run]);
  assert.deepEqual({ code: waited.code, out: waited.stdout }, { code: 0, out: `${run}  DONE: all seen\n` });
  const states = Object.fromEntries(whileOneWorks.map(({ agent, state }) => [agent, state]));
  assert.deepEqual(states, { null: 'working', 'agent/1': 'thinking', 'agent/2': 'queued', 'agent/3': 'queued' });
  const events = eventsIn(vtcode, run);
  const queued = events.flatMap((event) => (event.type === 'agent.queued' ? [event] : []));
  assert.deepEqual(
    queued.map(({ agent }) => agent),
    ['agent/2', 'agent/3'],
  );
  assert.match(queued[0]?.reason ?? '', /^\d+ MB of memory are free, and 100000000 MB are to stay so/);
  const lives = events.flatMap((event) =>
    (event.type === 'agent.started' || event.type === 'agent.finished') && event.agent !== 'agent'
      ? [`${event.agent} ${event.type.slice(6)}`]
      : [],
  );
  assert.deepEqual(
    lives,
    ['1', '2', '3'].flatMap((name) => [`agent/${name} started`, `agent/${name} finished`]),
  );
  const logs = await vtcode.call(['logs', run]);
  assert.match(logs.stdout, /agent\/2: waits for room: \d+ MB/);
});

test('one that is stopped while it is queued never starts, and keeps nobody waiting', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\nreserve_mb = 100_000_000\n');
  const called = await vtcode.call(['run', 'lead and stop', '--json', '-C', folder]);
  assert.equal(called.code, 0, called.stderr);
  assert.match(endOf(called).manifest?.reason ?? '', /agent\/1: done: seen\n\nagent\/2: cannot: stopped by agent/);
  const ofSecond = eventsOf(called).filter(({ agent }) => agent === 'agent/2');
  assert.deepEqual(
    ofSecond.map(({ type }) => type),
    ['agent.delegated', 'agent.queued', 'agent.finished'],
  );
});

test('detached agents wait for those that began before them; the oldest always works', async () => {
  useModel(vtcode, server, 'openai-chat', '[limits]\nreserve_mb = 100_000_000\n');
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  const start = (prompt: string) => detach(vtcode, ['agent', 'start', 'explorer', prompt, '--read-only', '-C', folder]);
  const first = await start('hold');
  // On a loaded machine the second host may come up before the first one has its run, and then waits for nobody.
  await untilLogged(vtcode, first, ({ type }) => type === 'agent.started');
  const second = await start('look 7');
  const third = await start('look 8');
  const queued = (run: string) => eventsIn(vtcode, run).some(({ type }) => type === 'agent.queued');
  assert.ok(await eventually(() => queued(second) && queued(third), 20_000));
  const states = new Map((await rows()).map(({ run, state }) => [run, state]));
  assert.deepEqual([states.get(first), states.get(second), states.get(third)], ['working', 'queued', 'queued']);
  assert.equal(
    eventsIn(vtcode, second).some(({ type }) => type === 'agent.started'),
    false,
  );
  resolve();
  const waited = await vtcode.call(['wait', first, second, third]);
  assert.equal(waited.code, 0, waited.stdout + waited.stderr);
});
