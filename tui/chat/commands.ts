import { Fault } from '../../ipc/fault.ts';
import { loneAgent, loneRole } from '../../ipc/run-kind.ts';
import { isBusy } from '../../orchestrator/host/user-actions.ts';
import { openChoice } from '../../orchestrator/models/keys.ts';
import { listModels } from '../../orchestrator/models/list.ts';
import { resolveModel } from '../../orchestrator/models/resolve.ts';
import { runDiff } from '../../orchestrator/operations/run-diff.ts';
import { waitingApprovals } from '../../orchestrator/runs/find-approval.ts';
import { askLocalModels } from '../../providers/catalog/probe.ts';
import type { RunState } from '../../state/run-state.ts';
import { questionLines } from '../text/question.ts';
import { dollars } from '../text/text.ts';
import { type ChatApp, leaveTalk, type Talk } from './app.ts';
import { changeTalk, goBack, listConversations, listTurns } from './history.ts';
import { startPlan } from './plan.ts';
import { remark, show } from './transcript.ts';

/** The commands after `/`. Each acts on the open chat and shows its answer in the conversation. */
type Command = {
  about: string;
  /** It has nothing to do before a conversation has begun. */
  needsTalk?: boolean;
  act(app: ChatApp, words: string, talk: Talk): Promise<void> | void;
};

const commands: Record<string, Command> = {
  '/help': {
    about: 'the keys',
    act(app) {
      app.view = { ...app.view, help: true };
    },
  },
  '/plan': { about: '<goal>: plan it as tasks, look at the plan, have it worked in the background', act: plan },
  '/agents': { about: 'who is at work', needsTalk: true, act: agents },
  '/approve': { about: '[id]: what waits for you in every run, or allow it', act: approve },
  '/deny': { about: '<id> why: deny what waits', act: deny },
  '/diff': { about: 'what has been changed', needsTalk: true, act: diff },
  '/cost': { about: 'what the conversation has taken', needsTalk: true, act: cost },
  '/model': {
    about: '[vendor/model]: the models of the conversation, or another first one',
    needsTalk: true,
    act: model,
  },
  '/compact': { about: 'have the conversation summed up before the next answer', needsTalk: true, act: compact },
  '/undo': { about: 'take the last turn back, with the files', needsTalk: true, act: undo },
  '/rewind': { about: 'go back to before a turn, with the files', needsTalk: true, act: rewind },
  '/fork': { about: 'go on in a copy of the conversation; this one stays as it is', needsTalk: true, act: fork },
  '/resume': { about: 'go on with another conversation of this folder', act: resume },
  '/new': { about: 'begin another conversation', act: begin },
  '/quit': { about: 'leave; vtcode chat --continue goes on', act: (app) => app.quit() },
};

export const commandNames = Object.entries(commands).map(([name, { about }]) => ({ name, about }));

/** Carries out a line that begins with `/`. Throws Faults. */
export async function command(app: ChatApp, line: string, talk: () => Promise<Talk>): Promise<void> {
  const [, name = '', words = ''] = /^(\/\w*)\s*([\s\S]*)$/.exec(line) ?? [];
  const known = commands[name === '/exit' ? '/quit' : name];
  if (!known) throw new Fault('usage', `There is no ${name}.`, { advice: 'F1 shows the keys, / the commands.' });
  if (known.needsTalk && !app.talk) throw new Fault('usage', 'Nothing has been said yet.');
  await known.act(app, words.trim(), known.needsTalk || name === '/plan' ? await talk() : (app.talk as Talk));
}

async function plan(app: ChatApp, goal: string, talk: Talk): Promise<void> {
  if (goal === '')
    throw new Fault('usage', 'Say what is to be planned.', { advice: '/plan rename fetchUser to loadUser' });
  await startPlan(app, talk, { goal, planFile: null });
}

function agents(app: ChatApp, _words: string, talk: Talk): void {
  const { agents: all } = talk.owned.state();
  const lines = [...all].map(([name, { role, usage, phase, model }]) => {
    const word = phase.value === 'working' ? 'at work' : (phase.context.handoff?.outcome ?? 'waiting');
    return `${name}  ${role}  ${word}  ${usage.calls} model calls  ${usage.tokens.toLocaleString('en')} tokens  ${model}`;
  });
  const beside = [...app.asides.values()].map(({ text }) => text);
  show(app.transcript, 'Agents', [...lines, ...beside]);
}

async function approve(app: ChatApp, words: string): Promise<void> {
  const [id, scope] = words.split(/\s+/);
  if (id) {
    const options = scope ? { for: scope } : {};
    return remark(app.transcript, (await app.options.obey({ command: 'approve', words: [id], options })).join(' '));
  }
  const all = waitingApprovals(app.options.place, () => {});
  const lines = all.flatMap(({ asked, run }) => [...questionLines(asked, run), '']);
  show(app.transcript, 'What waits for you', lines.length > 0 ? lines : ['Nothing.']);
}

async function deny(app: ChatApp, words: string): Promise<void> {
  const [id = '', ...why] = words.split(/\s+/);
  const order = { command: 'deny', words: [id, ...why], options: {} };
  remark(app.transcript, (await app.options.obey(order)).join(' '));
}

async function diff(app: ChatApp, _words: string, talk: Talk): Promise<void> {
  const text = await runDiff(app.options.place, talk.owned.state(), null, [...talk.touched]);
  show(app.transcript, 'Changed since the last commit', text === '' ? ['Nothing.'] : text.trimEnd().split('\n'), true);
}

function cost(app: ChatApp, _words: string, talk: Talk): void {
  const { usage, agents: all, created } = talk.owned.state();
  const lines = [...all]
    .filter(([, { usage: own }]) => own.calls > 0)
    .map(
      ([name, { usage: own, model }]) =>
        `${name}  ${own.calls} calls  ${own.tokens.toLocaleString('en')} tokens  ${dollars(own.usd)}  ${model}`,
    );
  const cached = usage.cachedTokens ? `, ${usage.cachedTokens.toLocaleString('en')} of them from the cache` : '';
  show(app.transcript, 'Cost', [
    `${dollars(usage.usd)} of at most ${dollars(created.config.limits.usd)}`,
    `${usage.calls} model calls, ${usage.inputTokens.toLocaleString('en')} tokens in${cached}, ${usage.outputTokens.toLocaleString('en')} out`,
    ...lines,
  ]);
}

async function model(app: ChatApp, wanted: string, talk: Talk): Promise<void> {
  const { place } = app.options;
  const state = talk.owned.state();
  const role = loneRole(state.created);
  const now = talk.owned.context.models.chainOf(role).map(({ ref }) => ref);
  if (wanted === '') {
    const { vendors } = await listModels(place.environment, state.created.config, askLocalModels);
    const others = vendors.flatMap(({ models }) => models.map(({ ref }) => ref)).filter((ref) => !now.includes(ref));
    const lines = [
      ...now.map((ref, at) => `${at === 0 ? 'asked first ' : 'then        '}${ref}`),
      ...others.map((ref) => `            ${ref}`),
    ];
    show(app.transcript, 'Models (/model vendor/model asks another one first)', lines);
    return;
  }
  if (isBusy(state))
    throw new Fault('usage', 'It is at work.', { advice: 'Wait for its answer, or interrupt it with Escape.' });
  const chosen = resolveModel(wanted, state.created.config, place.environment);
  await openChoice(chosen, place.environment);
  await talk.owned.context.record([
    { type: 'model.chosen', role, models: [chosen.ref, ...now.filter((ref) => ref !== chosen.ref)] },
  ]);
  // The next host of the conversation has it.
  await changeTalk(app, talk.run);
  remark(app.transcript, `${chosen.ref} is asked from now on.`);
}

async function compact(app: ChatApp, _words: string, talk: Talk): Promise<void> {
  await talk.owned.context.record([{ type: 'context.wanted', agent: loneAgent }]);
  remark(app.transcript, 'The conversation is summed up before the next answer.');
}

function resume(app: ChatApp): void {
  app.view = listConversations(app);
}

function rewind(app: ChatApp, _words: string, talk: Talk): void {
  app.view = listTurns(app, talk);
}

async function undo(app: ChatApp, _words: string, talk: Talk): Promise<void> {
  const { length } = talk.owned.state().turns;
  if (length === 0) throw new Fault('usage', 'Nothing has been said yet.');
  await goBack(app, talk, length);
}

async function fork(app: ChatApp, _words: string, talk: Talk): Promise<void> {
  await goBack(app, talk, null);
}

async function begin(app: ChatApp): Promise<void> {
  await leaveTalk(app);
  for (const { stop } of app.asides.values()) stop();
  app.talk = null;
  app.transcript = {
    ...app.transcript,
    entries: [],
    streaming: null,
    calls: new Map(),
    questions: new Map(),
    turns: 0,
  };
}

/** The streamed answer of the conversation's agent. */
export function modelOf(state: RunState): string | null {
  return state.agents.get(loneAgent)?.model || null;
}
