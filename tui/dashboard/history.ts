import type { Event } from '../../ipc/events.ts';
import { eventText } from '../text/event-text.ts';

/**
 * Record: what a screen remembers of a run beside its state, folded from the same events. It keeps the newest of
 * everything, within limits, and depends on nothing but the events: not on when they were read.
 */
export type RunHistory = {
  lines: LoggedEvent[];
  agents: Map<string, AgentHistory>;
  activity: Buckets;
  /** Tokens that were paid for, and refusals for asking too often. */
  tokens: Buckets;
  refusals: Buckets;
  /** US dollars by the day on which they were spent, of this machine's time zone: `2026-01-31`. */
  spent: Map<string, number>;
  /** The time of the fork, in milliseconds since 1970: earlier events belong to the conversation that was forked. */
  since: number;
};
export type LoggedEvent = { seq: number; at: string; agent: string | null; text: string };
export type ToolNote = { name: string; at: string; text: string; isError: boolean };
export type AgentHistory = {
  activity: Buckets;
  /** Its last answer, and its last thoughts. */
  said: string;
  thought: string;
  results: ToolNote[];
  /** Paths that it has changed, relative to its tree's top. */
  files: Set<string>;
};

/** Counts by the time at which things happened: `counts` by the number of the bucket, each `widthMs` long. */
export type Buckets = { widthMs: number; counts: Map<number, number> };

const linesMax = 300;
const resultsMax = 5;
const saidMax = 4_000;
const resultMax = 600;
const filesMax = 500;
const bucketsMax = 64;
const daysMax = 8;

const activityMs = 10_000;
const tokensMs = 5_000;
const refusalsMs = 60_000;

export function newHistory(): RunHistory {
  return {
    lines: [],
    agents: new Map(),
    activity: buckets(activityMs),
    tokens: buckets(tokensMs),
    refusals: buckets(refusalsMs),
    spent: new Map(),
    since: -Infinity,
  };
}

/** Adds an event to a history, in place. */
export function note(history: RunHistory, event: Event): void {
  const ms = Date.parse(event.at);
  const subject = 'agent' in event ? event.agent : 'task' in event ? event.task : null;
  if (event.type === 'run.created' && event.forkedFrom) history.since = ms;
  const isOwn = ms >= history.since;
  if (isOwn) add(history.activity, ms, 1);
  const text = eventText(event);
  if (text !== null) {
    history.lines.push({ seq: event.seq, at: event.at, agent: subject, text: text.slice(0, resultMax) });
    if (history.lines.length > linesMax * 2) history.lines.splice(0, linesMax);
  }
  if (subject !== null) noteAgent(agentOf(history, subject), event, ms);
  if ('usage' in event && event.usage && isOwn) {
    add(history.tokens, ms, event.usage.inputTokens + event.usage.outputTokens);
    if (event.usage.usd > 0) spend(history.spent, ms, event.usage.usd);
  }
  if (event.type === 'model.failed' && event.kind === 'rate_limited' && isOwn) add(history.refusals, ms, 1);
}

function agentOf(history: RunHistory, name: string): AgentHistory {
  const known = history.agents.get(name);
  if (known) return known;
  const made: AgentHistory = { activity: buckets(activityMs), said: '', thought: '', results: [], files: new Set() };
  history.agents.set(name, made);
  return made;
}

function noteAgent(agent: AgentHistory, event: Event, ms: number): void {
  add(agent.activity, ms, 1);
  if (event.type === 'model.finished' && event.message.role === 'assistant') {
    if (event.message.text !== '') agent.said = event.message.text.slice(0, saidMax);
    const thought = event.message.thoughts?.at(-1)?.text ?? '';
    if (thought !== '') agent.thought = thought.slice(0, saidMax);
  }
  if (event.type === 'tool.started')
    for (const { path } of event.changes ?? []) if (agent.files.size < filesMax) agent.files.add(path);
  if (event.type === 'task.collected') agent.files = new Set(event.files.slice(0, filesMax));
  if (event.type === 'tool.finished') {
    const { text, isError } = event.result;
    agent.results.push({ name: event.name, at: event.at, text: text.slice(0, resultMax), isError });
    if (agent.results.length > resultsMax) agent.results.shift();
  }
}

function spend(spent: RunHistory['spent'], ms: number, usd: number): void {
  const day = dayOf(ms);
  spent.set(day, (spent.get(day) ?? 0) + usd);
  if (spent.size > daysMax) spent.delete(spent.keys().next().value ?? '');
}

/** The day of a time in milliseconds since 1970, where this machine is. */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function buckets(widthMs: number): Buckets {
  return { widthMs, counts: new Map() };
}

function add({ widthMs, counts }: Buckets, ms: number, amount: number): void {
  const at = Math.floor(ms / widthMs);
  const known = counts.get(at);
  counts.set(at, (known ?? 0) + amount);
  if (known === undefined && counts.size > bucketsMax) counts.delete(counts.keys().next().value ?? 0);
}

/** The counts of the newest `count` buckets until `now`, oldest first. What a wrong clock dates later is not there yet. */
export function newest({ widthMs, counts }: Buckets, now: number, count: number): number[] {
  const last = Math.floor(now / widthMs);
  return Array.from({ length: count }, (_, at) => counts.get(last - count + 1 + at) ?? 0);
}

export function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
