import type { ToAgent } from '../../ipc/agent-protocol.ts';
import type { EventBody } from '../../ipc/events.ts';
import type { RunAccess } from '../runs/run-access.ts';
import type { RunningCommands } from './running-commands.ts';

/** One live agent as the rest of the host reaches it. */
export type Session = {
  /** The number of the last event that its conversation was built from; what came later is sent to it. */
  since: number;
  send(message: ToAgent): void;
  /** Lets the act of the agent end with these last facts. */
  end(facts: EventBody[]): void;
  /** The agent is about to be ended from outside: the facts that settle what it has under way. */
  interrupt(reason: string): EventBody[];
};

/** The live agents of the run that a host owns. */
export type AgentsAccess = RunAccess & {
  /** Those that are at work or about to start, by name. */
  sessions: Map<string, Session>;
  commands: RunningCommands;
  /** Names that this host gave to new agents: calls of one turn get theirs before the first of them is in the log. */
  agentNames: Set<string>;
};
