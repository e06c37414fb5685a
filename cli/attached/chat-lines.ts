import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventOf } from '../../ipc/events.ts';
import type { Fault } from '../../ipc/fault.ts';
import { loneAgent, person } from '../../ipc/run-kind.ts';
import { addStandingRule } from '../../orchestrator/config/standing-rules.ts';
import type { HostListeners } from '../../orchestrator/host/listeners.ts';
import { type OwnedRun, ownRun } from '../../orchestrator/host/run-host.ts';
import { interrupt, isBusy, isOwn, sayAsPerson } from '../../orchestrator/host/user-actions.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import type { RunState } from '../../state/run-state.ts';
import { answerOf, choices, questionLines } from '../../tui/text/question.ts';
import type { CommandProcess, Outcome, Session } from '../session.ts';
import { loneView } from './lone-view.ts';

const help = [
  'Say what to do; what you say while it works is heard with its next step.',
  '  !command   run a command yourself, through the same gate; the agent hears of it with what you say next',
  '  @role …    give something to another agent (explorer, reviewer, general)',
  '  /cost      what the conversation has taken so far',
  '  /quit      leave; vtcode chat --continue goes on',
  '  Ctrl+C     interrupt what it is doing; a second time: leave',
];

/**
 * A conversation line by line: through a pipe, or at a terminal that can show no screen. `run`: one to go on with; `begin`
 * makes one of its first words. Answers null when nothing was said.
 */
export async function chatByLines(
  session: Session,
  run: string | null,
  words: string,
  begin: (words: string) => Promise<string>,
): Promise<Outcome> {
  const lines = openLines(session.process);
  if (run !== null) return converse(session, run, lines, false);
  const said = (words || (await lines.next('› ')) || '').trim();
  if (said === '') {
    lines.close();
    return { exitCode: 0 };
  }
  if (isOwn(said)) lines.putBack(said);
  return converse(session, await begin(isOwn(said) ? '' : said), lines, true);
}

async function converse(session: Session, run: string, lines: Lines, isNew: boolean): Promise<Outcome> {
  const view = loneView(session.process.stdout, session.process.stderr);
  let asked: EventOf<'approval.requested'>[] = [];
  const listeners: HostListeners = {
    speaks: true,
    onEvents(events, state) {
      view.events(events);
      if (events.some(({ type }) => type === 'approval.answered'))
        asked = asked.filter(({ approval }) => state.waiting.has(approval));
      if (state.phase.value !== 'resting' && asked.length === 0) return;
      view.endLine();
      lines.prompt(promptOf(asked));
    },
    onDelta(agent, text, kind) {
      if (agent === (kind === 'text' ? loneAgent : person)) view.text(text);
    },
    ...(lines.isTerminal && {
      onApproval(one: EventOf<'approval.requested'>) {
        asked.push(one);
        session.say('', ...questionLines(one, null));
        lines.prompt(promptOf(asked));
      },
    }),
  };
  const owned = await ownRun(session.place, run, listeners, { isNew });
  const ending = owned.work();
  lines.onInterrupt(() => {
    if (!interrupt(owned.context)) leave(owned);
  });
  if (owned.state().phase.value === 'resting') lines.prompt(promptOf(asked));
  void hear(session, owned, lines, () => asked).catch((error: unknown) =>
    owned.loop.stop({ kind: 'failed', fault: error as Fault }),
  );
  try {
    const ended = await ending;
    if (ended.kind === 'failed') throw ended.fault;
  } finally {
    lines.close();
    await owned.close();
  }
  const { manifest } = await readRun(session.place, run);
  if (!owned.state().finished) session.say(`Left ${run}. Go on with: vtcode chat --continue`);
  return { exitCode: 0, run, manifest };
}

function promptOf([asked]: EventOf<'approval.requested'>[]): string {
  return asked ? choices(asked, 'it goes on waiting') : '› ';
}

/** Takes line after line: an answer to what waits, a command, or words for the agent. The end of the input leaves. */
async function hear(
  session: Session,
  owned: OwnedRun,
  lines: Lines,
  asked: () => EventOf<'approval.requested'>[],
): Promise<void> {
  for (;;) {
    const line = await lines.next();
    if (!lines.isTerminal) await untilAnswered(owned);
    if (line === null) return leave(owned);
    const said = line.trim();
    const [question] = asked();
    if (question) {
      answer(session, owned, question, said);
      if (asked()[0] === question) lines.prompt(promptOf(asked()));
    } else if (said === '/quit' || said === '/exit') return leave(owned);
    else if (said === '/cost') session.say(costWords(owned.state()));
    else if (said.startsWith('/'))
      session.say(...(said === '/help' ? help : [`There is no ${said.split(' ')[0]}.`, ...help]));
    else await sayAsPerson(owned.context, said);
    if (said.startsWith('/') && owned.state().phase.value === 'resting') lines.prompt('› ');
  }
}

/** A line that is no answer answers nothing: it may have been meant for the agent. */
function answer(session: Session, owned: OwnedRun, asked: EventOf<'approval.requested'>, said: string): void {
  const given = answerOf(asked, said);
  if (!given) {
    session.say(`  That is no answer; ${asked.approval} still waits.`);
    return;
  }
  const counts = owned.context.answer(given, 'terminal');
  if (counts && given.scope === 'always' && asked.pattern !== undefined)
    session.say(`  kept in ${addStandingRule(session.place.configFile, asked.pattern)}`);
}

function costWords({ usage, agents }: RunState): string {
  const context = agents.get(loneAgent)?.usage.tokens ?? 0;
  return `${usage.calls} model calls, ${context.toLocaleString('en')} tokens, $${usage.usd.toFixed(4)}`;
}

/** Ends the host; the conversation can be gone on with. */
function leave(owned: OwnedRun): void {
  owned.loop.stop({ kind: 'stopped', reason: 'left', exitCode: 130 });
}

/** Resolves when the turn that is under way has ended: through a pipe one line is said after the other. */
async function untilAnswered(owned: OwnedRun): Promise<void> {
  while (isBusy(owned.state()) && !owned.loop.signal.aborted) await sleep(20);
}

/** Lines that a person types, or that come through a pipe. */
type Lines = {
  isTerminal: boolean;
  /** The next line; null: there are no more. */
  next(prompt?: string): Promise<string | null>;
  prompt(words: string): void;
  /** This line comes next. */
  putBack(line: string): void;
  onInterrupt(act: () => void): void;
  close(): void;
};

function openLines({ stdin, stdout }: CommandProcess): Lines {
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true;
  const terminal: Interface = createInterface({ input: stdin, ...(isTerminal && { output: stdout }) });
  const waiting: string[] = [];
  let take: ((line: string | null) => void) | null = null;
  let closed = false;
  let act = () => terminal.close();
  const give = (line: string | null) => {
    const taker = take;
    take = null;
    if (taker) taker(line);
    else if (line !== null) waiting.push(line);
  };
  terminal.on('line', give);
  terminal.on('SIGINT', () => act());
  terminal.on('close', () => {
    closed = true;
    give(null);
  });
  return {
    isTerminal,
    next(prompt) {
      if (prompt !== undefined && isTerminal) {
        terminal.setPrompt(prompt);
        terminal.prompt();
      }
      const line = waiting.shift();
      if (line !== undefined || closed) return Promise.resolve(line ?? null);
      return new Promise((resolve) => {
        take = resolve;
      });
    },
    prompt(words) {
      if (!isTerminal || closed) return;
      terminal.setPrompt(words);
      terminal.prompt(true);
    },
    putBack: (line) => void waiting.unshift(line),
    onInterrupt(then) {
      act = then;
    },
    close: () => terminal.close(),
  };
}
