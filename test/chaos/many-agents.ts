import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../../ipc/events.ts';
import type { Row } from '../../orchestrator/runs/overview.ts';
import { hasMark } from '../../supervisor/process-tree.ts';
import { runsIn } from '../support/called.ts';
import { detach, endState, eventsIn, processesOf } from '../support/detached.ts';
import { type ModelServer, type Reply, startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, toolNames, useModel } from '../support/scripted-run.ts';
import type { TestVtcode } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Many background agents under one detached run: one agent starts them all. The `bad` ones are killed by SIGKILL whenever
 * they ask their model, the `idle` ones hear nothing from it until all were listed.
 */
export type ManyAgents = { bad: number; good: number; idle: number };

/** How often a bad agent is started again before it is given up. */
const restarts = 2;

/** Throws an assertion error when a promise is broken: see `assertGoodNotDelayed` and `assertAllListed`. */
export async function manyAgents(counts: ManyAgents): Promise<void> {
  const vtcode = vtcodeHere();
  const folder = temporaryFolder('many');
  writeFileSync(join(folder, 'a.txt'), 'a\n');
  const scene = await openScene(vtcode, folder, counts);
  try {
    await assertGoodNotDelayed(scene);
    await assertAllListed(scene);
  } finally {
    await scene.server.stop();
    await endState(vtcode);
    rmSync(folder, { recursive: true, force: true });
  }
}

type Scene = {
  vtcode: TestVtcode;
  folder: string;
  counts: ManyAgents;
  server: ModelServer;
  /** Resolves when every idle agent has asked its model. */
  allIdle: Promise<void>;
  /** Lets the idle agents hear their answers. */
  listed(): void;
};

async function openScene(vtcode: TestVtcode, folder: string, counts: ManyAgents): Promise<Scene> {
  const begun = new Set<string>();
  const allIdle = Promise.withResolvers<void>();
  const listed = Promise.withResolvers<void>();
  const server = await startModelServer(async (request): Promise<Reply> => {
    const messages = messagesOf(request);
    const prompt = textOf(messages.find(({ role }) => role === 'user'));
    const answers = messages.filter(({ role }) => role === 'tool').length;
    const [kind = ''] = prompt.split(' ');
    if (kind === 'lead') return lead(prompt, answers, counts, toolNames(request));
    if (kind === 'bad') {
      killAgent(vtcode, prompt);
      return { pieces: () => ['hang'] };
    }
    if (kind === 'good' && answers < 2) return { answer: { calls: [{ name: 'list_files', arguments: {} }] } };
    if (kind === 'idle') {
      begun.add(prompt);
      if (begun.size === counts.idle) allIdle.resolve();
      await listed.promise;
    }
    return end(`${prompt} is done`, toolNames(request));
  });
  return { vtcode, folder, counts, server, allIdle: allIdle.promise, listed: () => listed.resolve() };
}

/** The agent that starts the others, one per call of one answer, and waits for them. */
function lead(prompt: string, answers: number, { bad, good, idle }: ManyAgents, tools: string[]): Reply {
  const prompts = prompt.includes('idle') ? names('idle', idle) : [...names('bad', bad), ...names('good', good)];
  const call = (given: object) => ({ name: 'agents', arguments: given });
  if (answers === 0)
    return { answer: { calls: prompts.map((words) => call({ action: 'start', role: 'explorer', prompt: words })) } };
  return answers === prompts.length ? { answer: { calls: [call({ action: 'wait' })] } } : end('all have ended', tools);
}

function end(text: string, tools: string[]): Reply {
  return tools.includes('finish')
    ? { answer: { calls: [{ name: 'finish', arguments: { outcome: 'done', summary: text } }] } }
    : { answer: { text } };
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${kind} ${at}`);
}

/** Kills the process of the agent that has this prompt. */
function killAgent(vtcode: TestVtcode, prompt: string): void {
  const events = runsIn(vtcode).flatMap((run) => eventsIn(vtcode, run));
  const agent = events.find((event) => event.type === 'agent.delegated' && event.prompt === prompt);
  assert.ok(agent?.type === 'agent.delegated', prompt);
  for (const { pid } of processesOf(vtcode))
    if (hasMark(pid, 'VTCODE_AGENT', agent.agent)) process.kill(pid, 'SIGKILL');
}

/** Bad agents get one turn each before the good ones finish, are restarted with growing pauses, and are given up. */
async function assertGoodNotDelayed({ vtcode, folder, counts: { bad, good }, server }: Scene): Promise<void> {
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
  // Each bad one has its first turn before the good ones, because it was started first; then it is the good ones' turn.
  const before = crashes.filter(({ seq }) => seq < (granted.at(-1)?.seq ?? 0)).length;
  assert.ok(before < bad * 2, `${before} of ${crashes.length} crashes before the last call of a good one`);
  for (const [name, own] of ofKind(events, 'bad')) assertRestarted(name, own);
}

/** By the times in the log: each pause is twice the one before. */
function assertRestarted(name: string, events: Event[]): void {
  const lives = events.filter(({ type }) => type === 'agent.started' || type === 'agent.crashed');
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

/** `ps` lists every agent that waits for its model, with its task and the memory of its process. */
async function assertAllListed({ vtcode, folder, counts: { idle }, server, allIdle, listed }: Scene): Promise<void> {
  useModel(vtcode, server, 'openai-chat', `[limits]\nbackground = ${idle}\n`);
  const run = await detach(vtcode, ['run', 'lead idle', '--detach', '-C', folder]);
  await allIdle;
  const called = await vtcode.call(['ps', '--json']);
  listed();
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
}

/** The events of the agents that were started with prompts of this kind, by agent. */
function ofKind(events: Event[], kind: string): Map<string, Event[]> {
  const agents = events.flatMap((event) =>
    event.type === 'agent.delegated' && event.prompt.startsWith(`${kind} `) ? [event.agent] : [],
  );
  return new Map(agents.map((name) => [name, events.filter((event) => 'agent' in event && event.agent === name)]));
}
