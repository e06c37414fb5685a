import type { Notify } from '../../ipc/config.ts';
import type { Event } from '../../ipc/events.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { loneAgent } from '../../ipc/run-kind.ts';
import type { UserEnvironment } from '../../orchestrator/environment/environment.ts';
import { type OwnedRun, ownRun } from '../../orchestrator/host/run-host.ts';
import { isBusy } from '../../orchestrator/host/user-actions.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Order } from '../dashboard/keys.ts';
import { notifyPerson } from '../terminal/notify.ts';
import type { Screen, Terminal } from '../terminal/screen.ts';
import type { ColourCode } from '../text/markdown-blocks.ts';
import { newComposer } from './composer.ts';
import type { ChatView } from './state.ts';
import { hearEvent, hearPiece, newTranscript, remark, type Transcript } from './transcript.ts';

type Permissions = 'ask' | 'auto' | 'read_only';

export type ChatOptions = {
  place: UserEnvironment;
  terminal: Terminal;
  /** The folder that is talked about, absolute. */
  folder: string;
  /** How a new conversation treats calls that no rule allows; a continued one keeps its own setting. */
  permissions: Permissions;
  notify: Notify[];
  /** A conversation to go on with, and the first words of a new one. */
  run: string | null;
  words: string;
  /** Makes a conversation; without words when the first thing in it is something else. Throws Faults. */
  begin(words: string): Promise<string>;
  /** Carries out a command of vtcode and answers what it said. May throw Faults. */
  obey(order: Order): Promise<string[]>;
  /** A manifest as a person reads it. */
  summary(manifest: Manifest): string[];
};

/** A run that goes on beside the conversation. `asksPlan`: its plan waits for an answer. */
export type SideRun = { run: string; goal: string; text: string; asksPlan: boolean; stop(): void };

/** ChatApp: the state of an open chat. */
export type ChatApp = {
  options: ChatOptions;
  screen: Screen | null;
  colour: ColourCode;
  transcript: Transcript;
  view: ChatView;
  /** The conversation; null: none has begun. */
  talk: Talk | null;
  /** Runs that go on beside it, by id. */
  asides: Map<string, SideRun>;
  files: readonly string[];
  busySince: number | null;
  redraw(): void;
  quit(): void;
};

/** A conversation that this process owns and works on. */
export type Talk = {
  run: string;
  owned: OwnedRun;
  /** Resolves when its host has ended and the lease is free. */
  ended: Promise<void>;
  isOver: boolean;
  /** Paths that the agent has changed, and what its last model call took, in tokens. */
  touched: Set<string>;
  contextTokens: number;
};

/** Takes a conversation over, shows what was said in it, and works on it. Throws run_unknown, run_owned and the state's Faults. */
export async function openTalk(app: ChatApp, run: string, isNew: boolean): Promise<Talk> {
  const { place } = app.options;
  const transcript = newTranscript(app.colour);
  const heard = (event: Event) => {
    hearEvent(transcript, event);
    noteFacts(talk, event);
  };
  const talk: Talk = { run, isOver: false, touched: new Set(), contextTokens: 0, ended: Promise.resolve() } as never;
  const owned = await ownRun(
    place,
    run,
    {
      speaks: true,
      onEvents(events, state) {
        events.forEach(heard);
        onState(app, state);
      },
      onDelta(agent, text, kind) {
        hearPiece(transcript, agent, text, kind);
        app.redraw();
      },
      onApproval({ agent, exact }) {
        setAside(app);
        notifyPerson(
          { ...app.options, environment: place.environment, screen: app.screen },
          `${agent} asks: ${exact.summary.split('\n')[0]}`,
        );
        app.redraw();
      },
    },
    { isNew },
  );
  for (const event of owned.log.read()) heard(event);
  talk.owned = owned;
  talk.ended = work(app, talk, transcript);
  Object.assign(app, { transcript, talk });
  onState(app, owned.state());
  return talk;
}

async function work(app: ChatApp, talk: Talk, transcript: Transcript): Promise<void> {
  try {
    const ending = await talk.owned.work();
    if (ending.kind === 'failed') remark(transcript, faultWords(ending.fault), true);
    else if (ending.kind === 'stopped' && ending.reason !== left) remark(transcript, `Stopped: ${ending.reason}`, true);
  } catch (error) {
    remark(transcript, faultWords(error), true);
  } finally {
    talk.isOver = true;
    app.busySince = null;
    await talk.owned.close();
    app.redraw();
  }
}

export function faultWords(error: unknown): string {
  const { message, advice } = error as { message?: string; advice?: string };
  return [message ?? String(error), advice ?? ''].join(' ').trim();
}

const left = 'left';

/** Ends the host; the conversation can be gone on with. */
export async function leaveTalk({ talk }: ChatApp): Promise<void> {
  if (!talk) return;
  talk.owned.loop.stop({ kind: 'stopped', reason: left, exitCode: 130 });
  await talk.ended;
}

export function permissionsIn({ talk, options }: ChatApp): Permissions {
  return talk?.owned.state().created.options.permissions ?? (talk ? 'ask' : options.permissions);
}

function onState(app: ChatApp, state: RunState): void {
  const busy = isBusy(state);
  if (busy) app.busySince ??= Date.now();
  else if (app.busySince !== null) {
    if (Date.now() - app.busySince > longMs) {
      const { options, screen } = app;
      notifyPerson({ ...options, environment: options.place.environment, screen }, 'It has answered.');
    }
    app.busySince = null;
  }
  if (state.waiting.size === 0 && app.view.aside) {
    app.view = { ...app.view, composer: { ...app.view.aside, history: app.view.composer.history }, aside: null };
  }
  app.redraw();
}

/** A person who waited for longer than this looks elsewhere, in milliseconds. */
const longMs = 10_000;

/** Sets a half-written message aside while a question is open: it was not meant as the answer. */
function setAside(app: ChatApp): void {
  const { composer, aside } = app.view;
  if (aside || composer.text === '') return;
  app.view = { ...app.view, aside: composer, composer: newComposer(composer.history), completion: null };
}

function noteFacts(talk: Talk, event: Event): void {
  if (event.type === 'model.finished' && event.agent === loneAgent)
    talk.contextTokens = event.usage.inputTokens + event.usage.outputTokens;
  if (event.type === 'context.compacted' && event.agent === loneAgent) talk.contextTokens = event.usage.outputTokens;
  if (event.type === 'tool.started')
    for (const change of event.changes ?? [])
      talk.touched.add(change.path).add('from' in change ? change.from : change.path);
}
