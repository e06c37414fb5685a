import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { loneAgent, plannerAgent } from '../../ipc/run-kind.ts';
import { addStandingRule } from '../../orchestrator/config/standing-rules.ts';
import { interrupt, isBusy, isOwn, sayAsPerson } from '../../orchestrator/host/user-actions.ts';
import { conversationsIn } from '../../orchestrator/runs/conversations.ts';
import { folderFiles } from '../../orchestrator/worktrees/folder-files.ts';
import { openScreen } from '../terminal/screen.ts';
import { loadCodeColours, plainCode } from '../text/code-colours.ts';
import type { ColourCode } from '../text/markdown-blocks.ts';
import { answerOf } from '../text/question.ts';
import { flat } from '../text/text.ts';
import { type ChatApp, type ChatOptions, faultWords, leaveTalk, openTalk, permissionsIn, type Talk } from './app.ts';
import { command, commandNames, modelOf } from './commands.ts';
import { complete } from './complete.ts';
import { changeTalk, goBack } from './history.ts';
import {
  type ChatEffect,
  type ChatPressed,
  type ChatSeen,
  clicked,
  clickItem,
  pasteInChat,
  pressInChat,
  scrollBy,
} from './keys.ts';
import { type ChatPanes, openChatPanes } from './panes.ts';
import { answerPlan, toBackground } from './plan.ts';
import { resumeAsides } from './side-runs.ts';
import { type ChatView, firstChatView } from './state.ts';
import { newTranscript, openQuestions, remark } from './transcript.ts';
import { type ChatFacts, type ChatParts, chatParts } from './view.ts';

/** Words that come faster than this are drawn together, in milliseconds. */
const drawMs = 33;
const walls = /^[^,;:(]*/;

/**
 * Shows a conversation and works on it until the person leaves or the terminal is gone. Answers its id, or null when nothing
 * was said. Throws what opening the screen or the conversation throws; the terminal is given back in any case.
 */
export async function runChat(options: ChatOptions): Promise<string | null> {
  const ended = Promise.withResolvers<void>();
  const colours = options.place.environment.NO_COLOR ? 'none' : 'colours';
  let loaded = plainCode;
  const colour: ColourCode = (code, language) => loaded(code, language);
  const drawing: Drawing = { timer: undefined, at: -Infinity, parts: null, panes: null };
  const app: ChatApp = {
    ...{ options, colour, screen: null, transcript: newTranscript(colour), view: firstChatView([]), talk: null },
    ...{ asides: new Map(), files: [], busySince: null },
    redraw() {
      drawing.timer ??= setTimeout(draw, Math.max(0, drawing.at + drawMs - performance.now()));
    },
    quit: () => ended.resolve(),
  };
  const draw = () => {
    clearTimeout(drawing.timer);
    Object.assign(drawing, { timer: undefined, at: performance.now() });
    if (!app.screen || !drawing.panes) return;
    drawing.parts = chatParts(app.transcript, factsOf(app), app.view, app.screen.size());
    app.view = drawing.parts.view;
    drawing.panes.show(drawing.parts);
  };
  const ages = setInterval(() => {
    if (app.busySince !== null || app.asides.size > 0) app.redraw();
  }, 1_000);
  const listing = new AbortController();
  try {
    app.screen = await openScreen(options.terminal, colours, {
      paste(text) {
        app.view = pasteInChat(app.view, text);
        app.redraw();
      },
      resize: app.redraw,
      scrolled: app.redraw,
      gone: app.quit,
    });
    drawing.panes = openChatPanes(app.screen, eventsFor(app, drawing));
    draw();
    app.view = { ...app.view, composer: { ...app.view.composer, history: earlierWords(app) } };
    // Code that comes before its colours have been loaded is shown without.
    void loadCodeColours().then((found) => {
      loaded = found;
    });
    void folderFiles(options.folder, listing.signal).then((files) => {
      app.files = files;
      const completion = complete(app.view.composer, seenOf(app, drawing).sources);
      app.view = { ...app.view, completion };
      app.redraw();
    });
    if (options.run !== null) resumeAsides(app, await openTalk(app, options.run, false));
    else if (options.words.trim() !== '') await send(app, options.words.trim());
    await ended.promise;
    return app.talk?.run ?? null;
  } finally {
    listing.abort();
    clearInterval(ages);
    clearTimeout(drawing.timer);
    for (const { stop } of app.asides.values()) stop();
    app.screen?.end();
    app.screen = null;
    await leaveTalk(app);
  }
}

/** Messages of earlier conversations in this folder, oldest first. */
function earlierWords({ options: { place, folder } }: ChatApp): string[] {
  const turns = conversationsIn(place, folder).flatMap((state) => state.turns);
  return turns.sort((a, b) => a.at.localeCompare(b.at)).map(({ text }) => text);
}

/** The picture that is shown, and when the next may come. */
type Drawing = {
  timer: NodeJS.Timeout | undefined;
  at: number;
  parts: ChatParts | null;
  panes: ChatPanes | null;
};

function eventsFor(app: ChatApp, drawing: Drawing) {
  const take = ({ view, effect }: ChatPressed) => {
    app.view = view;
    if (effect) carryOutInTurn(app, effect);
    app.redraw();
  };
  const change = (view: ChatView) => take({ view, effect: null });
  return {
    key: (name: string, text: string) => take(pressInChat(app.view, name, text, seenOf(app, drawing))),
    body: {
      click: (line: number) => change(clicked(app.view, drawing.parts?.entries[line] ?? null)),
      wheel: (lines: number) => change(scrollBy(app.view, -lines)),
    },
    menu: { click: (line: number) => take(clickItem(app.view, line)) },
  };
}

function seenOf(app: ChatApp, { parts }: Pick<Drawing, 'parts'>): ChatSeen {
  const { talk, files } = app;
  const roles = Object.keys(talk?.owned.state().created.config.roles ?? {}).filter((role) => role !== plannerAgent);
  return {
    foldable: parts?.foldable ?? [],
    page: parts?.page ?? 10,
    isBusy: talk !== null && !talk.isOver && isBusy(talk.owned.state()),
    sources: { commands: commandNames, roles, files },
  };
}

/** The last effect of each chat. The next one waits for it, except for interrupting and leaving. */
const underWay = new WeakMap<ChatApp, Promise<void>>();

function carryOutInTurn(app: ChatApp, effect: ChatEffect): void {
  if (effect.kind === 'interrupt' || effect.kind === 'leave') void carryOut(app, effect);
  else
    underWay.set(
      app,
      (underWay.get(app) ?? Promise.resolve()).then(() => carryOut(app, effect)),
    );
}

async function carryOut(app: ChatApp, effect: ChatEffect): Promise<void> {
  try {
    switch (effect.kind) {
      case 'leave':
        return app.quit();
      case 'interrupt':
        if (app.talk && !app.talk.isOver) interrupt(app.talk.owned.context);
        return;
      case 'send':
        return await send(app, effect.text);
      case 'background':
        return await background(app, effect.text);
      case 'chosen':
        if (effect.name === 'resume') return await changeTalk(app, effect.value);
        if (app.talk) await goBack(app, app.talk, Number(effect.value));
        return;
    }
  } catch (error) {
    remark(app.transcript, faultWords(error), true);
  } finally {
    app.redraw();
  }
}

async function send(app: ChatApp, text: string): Promise<void> {
  const [question] = app.talk ? openQuestions(app.transcript) : [];
  if (question && app.talk && !text.startsWith('/')) {
    const said = answerOf(question, text);
    if (!said) throw new Fault('usage', `That is no answer; ${question.approval} still waits.`);
    const counts = app.talk.owned.context.answer(said, 'terminal');
    if (counts && said.scope === 'always' && question.pattern !== undefined)
      remark(app.transcript, `kept in ${addStandingRule(app.options.place.configFile, question.pattern)}`);
    return;
  }
  const plan = planAsked(app);
  if (plan && app.talk && !text.startsWith('/') && (await answerPlan(app, plan, text, app.talk))) return;
  if (text.startsWith('/')) return command(app, text, () => talkFor(app, ''));
  // The first words of a conversation are its goal.
  if (!app.talk && !isOwn(text)) return void (await talkFor(app, text));
  await sayAsPerson((await talkFor(app, '')).owned.context, text);
}

/** The conversation, begun or taken up again if need be. */
async function talkFor(app: ChatApp, words: string): Promise<Talk> {
  if (app.talk && !app.talk.isOver) return app.talk;
  if (app.talk) {
    await app.talk.ended;
    return openTalk(app, app.talk.run, false);
  }
  return openTalk(app, await app.options.begin(words), true);
}

/** Sends the composer's text to a new background agent; without text, the current turn is started there anew. */
async function background(app: ChatApp, text: string): Promise<void> {
  const underWay = app.transcript.entries.findLast((one) => one.kind === 'you');
  const isTurn = app.talk?.owned.state().phase.value === 'alone';
  const words = text.trim() || (isTurn && underWay?.kind === 'you' ? underWay.text : '');
  if (words === '')
    throw new Fault('usage', 'There is nothing to send to the background.', { advice: 'Write it first.' });
  const talk = await talkFor(app, '');
  if (text.trim() === '') interrupt(talk.owned.context);
  await toBackground(app, words, talk);
}

function planAsked({ asides }: ChatApp): string | null {
  return [...asides.values()].find(({ asksPlan }) => asksPlan)?.run ?? null;
}

function factsOf(app: ChatApp): ChatFacts {
  const { talk, options, asides, busySince } = app;
  const state = talk?.owned.state();
  const model = state ? modelOf(state) : null;
  const choice = talk?.owned.context.models
    .chainOf(state?.agents.get(loneAgent)?.role ?? '')
    .find(({ ref }) => ref === model);
  return {
    ...{ now: Date.now(), busySince, model, folder: options.folder, usd: state?.usage.usd ?? 0 },
    ...{ contextTokens: talk?.contextTokens ?? 0, contextMax: choice?.facts.contextTokens ?? null },
    branch: branchOf(options.folder),
    walls: flat(walls.exec(state?.walls ?? '')?.[0] ?? '').trim(),
    permissions: { ask: 'asks', auto: 'auto', read_only: 'read only' }[permissionsIn(app)],
    aside: [...asides.values()].map(({ text }) => text),
    planQuestion:
      planAsked(app) === null ? null : '  Run this plan? [y]es, [e]dit it, [n]o; /plan <goal> makes another  ',
  };
}

let branchRead = { at: -Infinity, name: null as string | null };
/** The branch that is checked out, read anew once a second. Null: none, or no git. */
function branchOf(folder: string): string | null {
  if (performance.now() - branchRead.at < 1_000) return branchRead.name;
  branchRead = { at: performance.now(), name: readBranch(folder) };
  return branchRead.name;
}

function readBranch(folder: string): string | null {
  try {
    return /^ref: refs\/heads\/(.+)$/m.exec(readFileSync(join(folder, '.git', 'HEAD'), 'utf8'))?.[1] ?? null;
  } catch {
    // A linked work tree has a file there that says where its HEAD is.
  }
  try {
    const [, place = ''] = /^gitdir: (.+)$/m.exec(readFileSync(join(folder, '.git'), 'utf8')) ?? [];
    const head = readFileSync(join(isAbsolute(place) ? place : resolve(folder, place), 'HEAD'), 'utf8');
    return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? null;
  } catch {
    return null;
  }
}
