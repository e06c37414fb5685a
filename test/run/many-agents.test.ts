import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event } from '../../ipc/events.ts';
import type { Row } from '../../orchestrator/runs/overview.ts';
import { hasMark } from '../../supervisor/process-tree.ts';
import { runsIn } from '../support/called.ts';
import { detach, endState, eventsIn, processesOf } from '../support/detached.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import { testVtcode } from '../support/vtcode.ts';

/**
 * Goal: many background agents are listed truthfully, and those that crash again and again do not keep the others waiting.
 * Method: the real program against a scripted model: one agent starts many, of which some are killed by SIGKILL whenever
 * they ask their model, and some hear nothing until all were listed. What is held against each other is the order of events.
 */
const vtcode = testVtcode();
const folder = temporaryFolder('many');
writeFileSync(join(folder, 'a.txt'), 'a\n');
const [bad, good, idle, restarts] = [20, 3, 12, 2];
const begun = new Set<string>();
const allIdle = Promise.withResolvers<void>();
const listed = Promise.withResolvers<void>();

const server = await startModelServer(async (request): Promise<Reply> => {
  const messages = messagesOf(request);
  const prompt = textOf(messages.find(({ role }) => role === 'user'));
  const answers = messages.filter(({ role }) => role === 'tool').length;
  const [kind = ''] = prompt.split(' ');
  const end = (text: string): Reply =>
    toolNames(request).includes('finish')
      ? { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: text } }] } }
      : { answer: { text } };
  if (kind === 'bad') {
    kill(prompt);
    return { pieces: () => ['hang'] };
  }
  if (kind === 'good' && answers < 2) return { answer: { calls: [{ name: 'list_files', arguments: {} }] } };
  if (kind === 'idle') {
    begun.add(prompt);
    if (begun.size === idle) allIdle.resolve();
    await listed.promise;
  }
  if (kind !== 'lead') return end(`${prompt} is done`);
  const prompts = prompt.includes('idle') ? names('idle', idle) : [...names('bad', bad), ...names('good', good)];
  const call = (given: object) => ({ name: 'agents', arguments: given });
  if (answers === 0)
    return { answer: { calls: prompts.map((words) => call({ action: 'start', role: 'explorer', prompt: words })) } };
  return answers === prompts.length ? { answer: { calls: [call({ action: 'wait' })] } } : end('all have ended');
});
after(async () => {
  await server.stop();
  await endState(vtcode);
});

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${kind} ${at}`);
}

/** Kills the process of the agent that has this prompt. */
function kill(prompt: string): void {
  const events = runsIn(vtcode).flatMap((run) => eventsIn(vtcode, run));
  const agent = events.find((event) => event.type === 'agent.delegated' && event.prompt === prompt);
  assert.ok(agent?.type === 'agent.delegated', prompt);
  for (const { pid } of processesOf(vtcode))
    if (hasMark(pid, 'VTCODE_AGENT', agent.agent)) process.kill(pid, 'SIGKILL');
}

/** The events of the agents that were started with prompts of this kind, by agent. */
function ofKind(events: Event[], kind: string): Map<string, Event[]> {
  const agents = events.flatMap((event) =>
    event.type === 'agent.delegated' && event.prompt.startsWith(`${kind} `) ? [event.agent] : [],
  );
  return new Map(agents.map((name) => [name, events.filter((event) => 'agent' in event && event.agent === name)]));
}

test('twenty agents that die whenever they are started do not keep the good ones waiting, and are given up', async () => {
  useModel(vtcode, server, 'openai-chat', `[limits]\nbackground = 6\nrestarts = ${restarts}\n`);
  const run = await detach(vtcode, ['run', 'lead bad and good', '--detach', '-C', folder]);
  const waited = await vtcode.call(['wait', run]);
  assert.deepEqual({ code: waited.code, out: waited.stdout }, { code: 0, out: `${run}  DONE: all have ended\n` });
  const events = eventsIn(vtcode, run);
  const crashes = events.filter(({ type }) => type === 'agent.crashed');
  const goodOnes = [...ofKind(events, 'good').values()].flat();
  const granted = goodOnes.filter(({ type }) => type === 'model.granted');
  assert.equal(granted.length, good * 3);
  assert.equal(goodOnes.filter(({ type }) => type === 'agent.crashed').length, 0);
  // Each bad one has its first turn before them, because they were started first; then it is the good ones' turn.
  const before = crashes.filter(({ seq }) => seq < (granted.at(-1)?.seq ?? 0)).length;
  assert.ok(before < bad * 2, `${before} of ${crashes.length} crashes before the last call of a good one`);
  for (const [name, own] of ofKind(events, 'bad')) {
    const lives = own.filter(({ type }) => type === 'agent.started' || type === 'agent.crashed');
    const words = Array.from({ length: restarts + 1 }, () => ['agent.started', 'agent.crashed']).flat();
    assert.deepEqual(
      lives.map(({ type }) => type),
      words,
      name,
    );
    const at = lives.map((event) => Date.parse(event.at));
    for (let life = 1; life <= restarts; life += 1) {
      const pause = (at[2 * life] ?? 0) - (at[2 * life - 1] ?? 0);
      assert.ok(pause >= 125 * 2 ** (life - 1) - 5, `${name}: a pause of ${pause} ms before life ${life + 1}`);
    }
  }
});

test('twelve agents that wait for their models are all listed, each with what it is at and the memory it takes', async () => {
  useModel(vtcode, server, 'openai-chat', `[limits]\nbackground = ${idle}\n`);
  const run = await detach(vtcode, ['run', 'lead idle', '--detach', '-C', folder]);
  await allIdle.promise;
  const called = await vtcode.call(['ps', '--json']);
  listed.resolve();
  const { rows } = JSON.parse(called.stdout) as { rows: Row[] };
  const [own, ...agents] = rows;
  assert.deepEqual(
    agents.map(({ agent, state, task, models, restarts }) => ({ agent, state, task, models, restarts })),
    names('idle', idle).map((task, at) => ({
      ...{ agent: `agent/${at + 1}`, state: 'thinking', task, models: ['acme/big'], restarts: 0 },
    })),
  );
  const taken = agents.map(({ memoryBytes }) => memoryBytes ?? 0);
  assert.ok(Math.min(...taken) > 10 * 2 ** 20, `${taken}`);
  const sum = taken.reduce((all, one) => all + one, 0);
  assert.ok((own?.memoryBytes ?? 0) > sum, `the run takes ${own?.memoryBytes} bytes, its agents ${sum}`);
  const waited = await vtcode.call(['wait', run]);
  assert.equal(waited.stdout, `${run}  DONE: all have ended\n`);
});
