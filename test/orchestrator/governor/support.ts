import type { Grant } from '../../../ipc/agent-protocol.ts';
import type { Config } from '../../../ipc/config.ts';
import { type Event, type EventBody, eventVersion } from '../../../ipc/events.ts';
import type { Endpoint, ModelFacts } from '../../../ipc/model.ts';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { type Governor, openGovernor } from '../../../orchestrator/governor/governor.ts';
import type { ModelChoice } from '../../../orchestrator/models/resolve.ts';
import { begin, fold } from '../../../state/fold.ts';
import type { LiveRows } from '../../../state/live.ts';
import type { RunState } from '../../../state/run-state.ts';

/** A run whose events are folded as a host folds them, without a file. */
export function runOf(change: (config: Config) => void = () => {}, before: Event[] = []) {
  const { config } = loadConfig('/nonexistent', null);
  change(config);
  const at = '2026-01-01T00:00:00.000Z';
  const run = 'run_abcdefghjkmn';
  const created: EventBody = {
    type: 'run.created',
    goal: 'g',
    repository: { root: '/r', gitDir: '', branch: null, head: '', notes: [] },
    options: {
      mode: 'work',
      accept: 'yes',
      dryRun: false,
      checks: 'none',
      acceptUnplaced: false,
      includeDirty: false,
    },
    config,
    program: 'vtcode',
    identity: { name: 'n', email: 'e', fallback: true },
  };
  const events: Event[] = before.length > 0 ? [...before] : [{ seq: 1, at, run, v: eventVersion, ...created } as Event];
  let state: RunState = begin(events[0]);
  for (const event of events.slice(1)) state = fold(state, event);
  const record = (bodies: EventBody[]) => {
    for (const body of bodies) {
      const event = { seq: events.length + 1, at, run, v: eventVersion, ...body } as Event;
      events.push(event);
      state = fold(state, event);
    }
    return Promise.resolve();
  };
  return { events, record, state: () => state };
}

export const facts: ModelFacts = {
  contextTokens: 200_000,
  outputTokensMax: 32_000,
  prices: { input: 1, output: 10 },
  reasoning: true,
  images: true,
};

export function choiceOf(ref: string, more: Partial<ModelFacts> = {}): ModelChoice {
  const [vendor = '', name = ''] = ref.split('/');
  const endpoint = { vendor, format: 'openai-chat' as const, baseUrl: `http://${vendor}`, quirks: {} };
  const key = { variables: [], command: null, optional: true };
  return { ref, vendor, name, facts: { ...facts, ...more }, endpoint, key, connection: {}, notes: [] };
}

/** Shared rows in memory, as several hosts of one test see them. */
export function rowsInMemory(): LiveRows & { rows: Map<string, string> } {
  const rows = new Map<string, string>();
  return {
    rows,
    change(key, schema, change) {
      const found = rows.get(key);
      const { row, answer } = change(found === undefined ? null : schema.parse(JSON.parse(found)));
      rows.set(key, JSON.stringify(row));
      return answer;
    },
    close() {},
  };
}

export function governorOf(
  run: ReturnType<typeof runOf>,
  more: Partial<Governor> = {},
): Governor & { stopped: string[] } {
  const stopped: string[] = [];
  const stopping = new AbortController();
  const governor = openGovernor({
    run: 'run_abcdefghjkmn',
    state: run.state,
    record: run.record,
    stopRun(reason) {
      stopped.push(reason);
      stopping.abort();
    },
    signal: stopping.signal,
    settings: { ...run.state().created.config.models, retries: 2, patience_seconds: 1 },
    open: async (choice): Promise<Endpoint | null> => choice.endpoint && { ...choice.endpoint, key: 'k' },
    live: rowsInMemory(),
    now: Date.now,
    random: () => 0,
    ...more,
  });
  return Object.assign(governor, { stopped });
}

/** An agent's line that gives its grants one after another. */
export function lineOf() {
  const grants: Grant[] = [];
  const ended: EventBody[][] = [];
  let wake = () => {};
  return {
    ended,
    line: {
      life: 1,
      grant(grant: Grant) {
        grants.push(grant);
        wake();
      },
      end(events: EventBody[]) {
        ended.push(events);
        wake();
      },
    },
    /** The next grant, or null when the agent was ended instead. */
    async next(): Promise<Grant | null> {
      while (grants.length === 0 && ended.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return grants.shift() ?? null;
    },
  };
}
