import { stripVTControlCharacters } from 'node:util';
import type { Event } from '../../ipc/events.ts';
import type { Manifest } from '../../ipc/manifest.ts';
import { person } from '../../ipc/run-kind.ts';
import { todoLines } from '../../ipc/todo.ts';
import { liveText } from '../../tui/text/event-text.ts';
import { count, seconds, thousands } from '../../tui/text/plan-text.ts';
import { safe } from '../../tui/text/safe-text.ts';
import { cut, flat } from '../../tui/text/text.ts';

/**
 * The output of a run with one agent: its words on standard output, what it does on standard error. On a terminal the
 * words stream; into a pipe or a file only the answer goes, whole, when it is known to be the answer.
 */
export type LoneView = {
  text(piece: string): void;
  events(events: Event[]): void;
  /** Ends a line of its words that has no end yet, so that something else can follow. */
  endLine(): void;
  /** How it ended. */
  end(manifest: Manifest): void;
};

export function loneView(output: NodeJS.WriteStream, notes: NodeJS.WriteStream): LoneView {
  const streams = output.isTTY === true;
  let open = false; // a line of the agent's words that has no end yet
  const endLine = () => {
    if (open) output.write('\n');
    open = false;
  };
  const note = (line: string) => {
    endLine();
    notes.write(`${safe(line)}\n`);
  };
  return {
    text(piece) {
      if (!streams) return;
      // What a person's own command prints, it prints to a terminal.
      output.write(safe(stripVTControlCharacters(piece)));
      open = !piece.endsWith('\n');
    },
    events(events) {
      for (const event of events) {
        if (event.type === 'agent.finished' && event.agent === 'agent') {
          if (!streams && event.handoff.outcome === 'done') output.write(`${safe(event.handoff.summary)}\n`);
        } else if (event.type === 'tool.finished' && event.agent === person && !streams)
          output.write(`${safe(event.result.text)}\n`);
        else if (event.type === 'model.failed' && open && event.said === undefined)
          note('(the answer broke off; asking again)');
        const line = lineOf(event);
        if (line !== null) note(line);
      }
    },
    endLine,
    end(manifest) {
      const { usage, run, outcome, reason, state } = manifest;
      const took = seconds(Date.parse(manifest.updatedAt) - Date.parse(manifest.startedAt));
      const tokens = usage.inputTokens + usage.outputTokens;
      const spent = [took, count(usage.calls, 'model call')];
      if (tokens > 0) spent.push(`${thousands(tokens)} tokens`);
      if (usage.usd > 0) spent.push(`$${usage.usd.toFixed(4)}`);
      const word = (state === 'finished' ? (outcome ?? state) : state).toUpperCase();
      const why = outcome === 'done' || reason === '' ? '' : `: ${reason}`;
      note(`${run}  ${word}${why}  (${spent.join(', ')})`);
      if (state !== 'finished') note(`  go on:  vtcode resume ${run}`);
    },
  };
}

function lineOf(event: Event): string | null {
  switch (event.type) {
    case 'run.created':
      return [`model ${event.models ?? ''}`, ...event.repository.notes.map((note) => `Note: ${note}`)].join('\n');
    case 'todo.set':
      return ['· list', ...todoLines(event.items).map((item) => `    ${item}`)].join('\n');
    case 'tool.requested':
      // Its list is shown when it is set.
      if (event.name === 'todo') return null;
      return `· ${event.name} ${short(event.arguments)}`;
    case 'tool.finished':
      return event.result.isError || event.verdict !== 'allowed'
        ? `  ✗ ${event.result.text.split('\n')[0] ?? ''}`
        : null;
    case 'model.failed':
      return event.said === undefined ? liveText(event) : null;
    case 'model.switched':
    case 'model.delayed':
    case 'agent.crashed':
    case 'agent.parked':
    case 'approval.requested':
    case 'approval.answered':
    case 'agent.told':
    case 'agent.delegated':
    case 'context.compacted':
      return liveText(event);
    default:
      return null;
  }
}

/** The arguments of a call in one line: enough to know what it is about. */
function short(given: unknown): string {
  const values = typeof given === 'object' && given !== null ? Object.values(given) : [given];
  const words = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
  return cut(flat(words.replace(/\s+/g, ' ')), 100);
}
