import assert from 'node:assert/strict';
import type { Event } from '../../ipc/events.ts';
import type { CliEnd } from './called.ts';
import { type Called, jsonLines } from './vtcode.ts';

/** The events of a `--json` output. */
export function logOf(called: Called): Event[] {
  return jsonLines(called.stdout).filter(({ type }) => type !== 'cli.ended') as Event[];
}

export function lastLineOf(called: Called): CliEnd {
  return jsonLines(called.stdout).at(-1) as CliEnd;
}

export function ofType<Type extends Event['type']>(events: Event[], type: Type): Extract<Event, { type: Type }>[] {
  return events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
}

const settling = new Set(['model.finished', 'model.failed', 'model.abandoned', 'context.compacted']);

/**
 * Asserts of a finished run's log that every reservation was settled before the agent's next, that no call took more than
 * it had reserved, and that no tool was asked for, begun or answered twice.
 */
export function assertAccount(events: Event[]): void {
  const open = new Map<string, { seq: number; tokens: number; usd: number }>();
  const once = new Set<string>();
  for (const event of events) {
    if (!('agent' in event)) continue;
    if (event.type === 'model.granted') {
      assert.ok(!open.has(event.agent), `the call before event ${event.seq} was settled`);
      const { tokens, usd } = event.reserved ?? { tokens: 0, usd: 0 };
      open.set(event.agent, { seq: event.seq, tokens, usd: usd ?? 0 });
    }
    if (settling.has(event.type)) {
      const reserved = open.get(event.agent);
      assert.ok(reserved, `event ${event.seq} (${event.type}) settles a reservation`);
      open.delete(event.agent);
      const usage = 'usage' in event ? event.usage : undefined;
      const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
      assert.ok(tokens <= reserved.tokens, `event ${event.seq} took ${tokens} tokens of ${reserved.tokens}`);
      assert.ok((usage?.usd ?? 0) <= reserved.usd + 1e-9, `event ${event.seq} took $${usage?.usd} of $${reserved.usd}`);
    }
    if (event.type !== 'tool.requested' && event.type !== 'tool.started' && event.type !== 'tool.finished') continue;
    const name = `${event.type} ${event.agent} ${event.call}`;
    assert.ok(!once.has(name), `${name} once`);
    once.add(name);
  }
  assert.deepEqual([...open.keys()], [], 'no reservation is open in the end');
}

/** Edits that went through. With `counts`, more of them than files means that one was made twice. */
export function editsIn(events: Event[]): number {
  return ofType(events, 'tool.started').filter(({ changes }) => changes !== undefined).length;
}
