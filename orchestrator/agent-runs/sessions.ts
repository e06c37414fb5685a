import type { ToAgent } from '../../ipc/agent-protocol.ts';
import type { EventBody } from '../../ipc/events.ts';
import type { RunAccess } from '../runs/run-access.ts';
import type { BackgroundCommands } from './background-commands.ts';
import type { RunningCommands } from './running-commands.ts';

/** One live agent, as the rest of the host sees it. */
export type Session = {
  /** The number of the last event in the conversation that it started with; later events are sent to it. */
  since: number;
  send(message: ToAgent): void;
  /** Lets the act of the agent end with these last facts. */
  end(facts: EventBody[]): void;
  /** Called before the agent is ended from outside. Returns the facts that settle its open calls. */
  interrupt(reason: string): EventBody[];
};

/** The live agents of the run that this host owns. */
export type AgentsAccess = RunAccess & {
  /** The agents that work or are about to start, by name. */
  sessions: Map<string, Session>;
  commands: RunningCommands;
  background: BackgroundCommands;
  /** Names that this host gave to new agents: the calls of one turn get names before the log has the first of them. */
  agentNames: Set<string>;
};
