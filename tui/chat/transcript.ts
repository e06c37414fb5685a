import type { Event, EventOf } from '../../ipc/events.ts';
import { loneAgent, person } from '../../ipc/run-kind.ts';
import { liveText } from '../text/event-text.ts';
import { type Markdown, markdown } from '../text/markdown.ts';
import type { ColourCode } from '../text/markdown-blocks.ts';

/**
 * Transcript: a conversation as a person reads it, folded from the log's events and, for what is under way, from the pieces
 * that come before an event does. An entry changes until the next of its kind begins; `version` says so to who drew it.
 */
export type Entry = { version: number } & (
  | { kind: 'you'; text: string; turn: number }
  | { kind: 'said'; markdown: Markdown; text: string }
  | { kind: 'thought'; text: string }
  | CallEntry
  | { kind: 'note'; text: string; isBad: boolean }
  | { kind: 'question'; asked: EventOf<'approval.requested'>; answer: EventOf<'approval.answered'> | null }
  | { kind: 'text'; title: string; lines: string[]; isDiff: boolean }
);
type SaidEntry = Extract<Entry, { kind: 'said' }>;
export type CallEntry = {
  kind: 'call';
  agent: string;
  call: string;
  name: string;
  given: Record<string, unknown>;
  state: 'running' | 'done' | 'failed';
  /** The end of what a command printed so far, then the whole answer. */
  output: string;
  startedAt: string;
  ms: number | null;
};
export type Transcript = {
  entries: Entry[];
  /** The answer that is being streamed; null: none. */
  streaming: SaidEntry | null;
  calls: Map<string, Entry & CallEntry>;
  questions: Map<string, Extract<Entry, { kind: 'question' }>>;
  turns: number;
  colour: ColourCode;
};

const outputMax = 64_000;
const entriesMax = 5_000;

export function newTranscript(colour: ColourCode): Transcript {
  return { entries: [], streaming: null, calls: new Map(), questions: new Map(), turns: 0, colour };
}

/** Adds something that is no event: what a command of the screen answered. */
export function show(transcript: Transcript, title: string, lines: string[], isDiff = false): void {
  push(transcript, { version: 0, kind: 'text', title, lines, isDiff });
}

export function remark(transcript: Transcript, text: string, isBad = false): void {
  push(transcript, { version: 0, kind: 'note', text, isBad });
}

function push<One extends Entry>(transcript: Transcript, entry: One): One {
  transcript.entries.push(entry);
  if (transcript.entries.length > entriesMax * 1.2)
    transcript.entries.splice(0, transcript.entries.length - entriesMax);
  return entry;
}

/** A piece of what the agent says, or of what a command prints. */
export function hearPiece(transcript: Transcript, agent: string, text: string, kind: 'text' | 'output'): void {
  if (kind === 'text') {
    if (agent !== loneAgent) return;
    transcript.streaming ??= push(transcript, newSaid(transcript));
    transcript.streaming.markdown.add(text);
    transcript.streaming.text += text;
    transcript.streaming.version += 1;
    return;
  }
  const running = [...transcript.calls.values()].findLast((one) => one.agent === agent && one.name === 'run_command');
  if (!running) return;
  running.output = (running.output + text).slice(-outputMax);
  running.version += 1;
}

function newSaid(transcript: Transcript): SaidEntry {
  return { version: 0, kind: 'said', markdown: markdown(transcript.colour), text: '' };
}

/** Takes an event into the transcript that it is given. */
export function hearEvent(transcript: Transcript, event: Event): void {
  switch (event.type) {
    case 'run.created':
      if (event.goal !== '') youSaid(transcript, event.goal);
      for (const note of event.repository.notes) remark(transcript, note);
      return;
    case 'folder.saved': {
      const which = event.commit === null ? 'The' : 'Some';
      const note = `${which} files of this turn cannot be brought back: ${event.reason}.`;
      const isNews = !transcript.entries.some((one) => one.kind === 'note' && one.text === note);
      if (event.reason !== '' && isNews) remark(transcript, note);
      return;
    }
    case 'agent.told':
      told(transcript, event);
      return;
    case 'model.finished':
      answered(transcript, event);
      return;
    case 'model.failed':
      if (event.said !== undefined) {
        cutShort(transcript, event.agent, event.said);
        return;
      }
      if (event.agent === loneAgent) breakOff(transcript);
      break;
    case 'model.abandoned':
      if (event.agent === loneAgent) breakOff(transcript);
      break;
    case 'agent.finished':
      finished(transcript, event);
      return;
    case 'tool.requested':
      called(transcript, event);
      return;
    case 'tool.finished':
      ended(transcript, event);
      return;
    case 'approval.requested': {
      const entry = { version: 0, kind: 'question' as const, asked: event, answer: null };
      transcript.questions.set(event.approval, push(transcript, entry));
      return;
    }
    case 'approval.answered': {
      const question = transcript.questions.get(event.approval);
      if (question) Object.assign(question, { answer: event, version: question.version + 1 });
      return;
    }
    case 'agent.started':
    case 'check.started':
    case 'walls.reported':
    // The call that says a list shows it.
    case 'todo.set':
    case 'agent.parked':
    case 'host.stopped':
      return;
    default:
  }
  const text = liveText(event);
  if (text !== null) remark(transcript, text, /^(model\.failed|agent\.crashed|run\.gave_up)$/.test(event.type));
}

function youSaid(transcript: Transcript, text: string): void {
  transcript.turns += 1;
  transcript.streaming = null;
  push(transcript, { version: 0, kind: 'you', text, turn: transcript.turns });
}

function told(transcript: Transcript, event: EventOf<'agent.told'>): void {
  if (event.agent !== loneAgent) return;
  // What a person did themselves stands there already, as their call.
  if (event.by === person && event.quiet) return;
  if (event.by === person) youSaid(transcript, event.text);
  else if (event.about === undefined) show(transcript, `from ${event.by}`, event.text.split('\n'));
  else show(transcript, `${event.about} has ended`, event.text.split('\n').slice(2, -1));
}

/** The whole answer takes the place of the streamed one; the agent's thoughts stand before it. */
function answered(transcript: Transcript, { agent, message }: EventOf<'model.finished'>): void {
  if (agent !== loneAgent || message.role !== 'assistant') return;
  const open = transcript.streaming;
  breakOff(transcript);
  const thought = (message.thoughts ?? [])
    .map(({ text }) => text)
    .join('\n\n')
    .trim();
  if (thought !== '') push(transcript, { version: 0, kind: 'thought', text: thought });
  if (message.text.trim() !== '') said(transcript, message.text, open);
}

function said(transcript: Transcript, text: string, streamed: SaidEntry | null): void {
  const entry = streamed?.text === text ? streamed : newSaid(transcript);
  if (entry !== streamed) entry.markdown.add(text);
  entry.markdown.end();
  push(transcript, Object.assign(entry, { text, version: entry.version + 1 }));
}

/** The answer was interrupted: the part that had come stays. */
function cutShort(transcript: Transcript, agent: string, text: string): void {
  if (agent !== loneAgent) return;
  const open = transcript.streaming;
  breakOff(transcript);
  if (text.trim() !== '') said(transcript, text, open);
}

/** Removes a streamed answer that failed: the model is asked again. */
function breakOff(transcript: Transcript): void {
  const { streaming } = transcript;
  transcript.streaming = null;
  if (streaming) transcript.entries.splice(transcript.entries.lastIndexOf(streaming), 1);
}

function finished(transcript: Transcript, { agent, handoff }: EventOf<'agent.finished'>): void {
  if (agent !== loneAgent) {
    // What it handed over is the answer of the call that waits for it.
    if (agent !== person)
      remark(transcript, `${agent}: ${handoff.outcome === 'done' ? 'has handed over' : handoff.summary}`);
    return;
  }
  breakOff(transcript);
  for (const call of transcript.calls.values())
    if (call.agent !== person) {
      const output = `${call.output.trimEnd()}\ninterrupted`.trimStart();
      Object.assign(call, { state: 'failed', output, version: call.version + 1 });
    }
  transcript.calls.clear();
  const last = transcript.entries.findLast((one) => one.kind === 'said' || one.kind === 'you');
  const isSaid = last?.kind === 'said' && last.text.trim() === handoff.summary.trim();
  if (handoff.outcome === 'done' && !isSaid && handoff.summary.trim() !== '') said(transcript, handoff.summary, null);
  if (handoff.outcome === 'cannot') remark(transcript, handoff.summary, handoff.summary !== 'interrupted');
}

function called(transcript: Transcript, event: EventOf<'tool.requested'>): void {
  const given = typeof event.arguments === 'object' && event.arguments !== null ? { ...event.arguments } : {};
  const { agent, call, name, at: startedAt } = event;
  const entry = {
    ...{ version: 0, kind: 'call' as const, agent, call, name, given, startedAt, output: '', ms: null },
    state: 'running' as const,
  };
  transcript.calls.set(keyOf(event), push<Entry & CallEntry>(transcript, entry));
}

function ended(transcript: Transcript, event: EventOf<'tool.finished'>): void {
  const entry = transcript.calls.get(keyOf(event));
  if (!entry) return;
  transcript.calls.delete(keyOf(event));
  const { text, isError } = event.result;
  const ms = event.ran?.durationMs ?? Math.max(0, Date.parse(event.at) - Date.parse(entry.startedAt));
  const state = isError || event.verdict !== 'allowed' ? 'failed' : 'done';
  const name = event.calledHere ?? entry.name;
  Object.assign(entry, { name, output: text.slice(0, outputMax), state, ms, version: entry.version + 1 });
}

function keyOf({ agent, call }: { agent: string; call: string }): string {
  return `${agent} ${call}`;
}

/** Questions without an answer, oldest first. */
export function openQuestions(transcript: Transcript): EventOf<'approval.requested'>[] {
  return [...transcript.questions.values()].filter(({ answer }) => answer === null).map(({ asked }) => asked);
}
