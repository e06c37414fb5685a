import type { ToAgent } from '../../ipc/agent-protocol.ts';
import type { Answer } from '../../ipc/approval.ts';
import type { Event, EventBody } from '../../ipc/events.ts';
import type { WireFormat } from '../../ipc/model.ts';
import type { Redactor } from '../../ipc/redaction.ts';
import type { RunPaths } from '../../state/paths.ts';
import type { RunLog } from '../../state/run-log.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Admission } from '../../supervisor/admission.ts';
import type { Pool } from '../../supervisor/pool.ts';
import type { Trust } from '../config/trust.ts';
import type { GitPlace } from '../git/git.ts';
import type { House } from '../governor/governor.ts';
import type { HandsPool } from '../hands/pool.ts';
import type { ModelChoice } from '../models/resolve.ts';
import type { Act } from '../schedule/due.ts';

/**
 * A running agent as the host holds it. `since`: the number of the last event that its conversation was built from; what
 * came later is sent to it. `end` lets its act settle with these last facts.
 */
export type Session = {
  since: number;
  send(message: ToAgent): void;
  end(facts: EventBody[]): void;
  /** It is about to be ended from outside: the facts that settle what it has under way. */
  interrupt(reason: string): EventBody[];
};

/** What the acts of one host work with. One per host life. */
export type HostContext = {
  run: string;
  paths: RunPaths;
  log: RunLog;
  /** The state as of the last fold. Read it anew after every await. */
  state(): RunState;
  /**
   * Writes facts and folds them; resolves once both are done. `durable` for the intent of an outside effect: on disk
   * before the promise resolves.
   */
  record(facts: EventBody[], options?: { durable: boolean }): Promise<Event[]>;
  /** Writes facts that nobody waits for. */
  note(facts: EventBody[]): void;
  /** vtcode's private repository for this run's repository. */
  git: GitPlace;
  /** The user's own repository: objects and refs only, never its work tree. */
  userGit: GitPlace;
  hands: HandsPool;
  /** The models of each role, and what speaks to them. */
  models: { chainOf(role: string): ModelChoice[]; formats: WireFormat[] };
  /** The model governor's house. */
  house: House;
  pool(): Promise<Pool>;
  /** Who lets background agents start, one after the other, as far as memory allows. */
  admission: Admission;
  /** The same for the one agent of a detached run, among the detached runs of this machine. */
  hostAdmission: Admission;
  sessions: Map<string, Session>;
  /** Aborted when the host stops: every act lets go of what it started. */
  signal: AbortSignal;
  /** The mark of this host's processes. */
  family: string;
  /** The user's PATH, for commands inside the walls. */
  searchPath: string[];
  /** Whether somebody may answer what the gate asks: at this terminal, or from elsewhere while the run waits. */
  asks: boolean;
  /** What a person trusts of the repository. */
  trust: Trust;
  /** Everything that agents hear and that is not from the log goes through it; the log does so by itself. */
  redaction: Redactor;
  /** A person's answer to an approval; one that is not the first counts for nothing, and the result says so. */
  answer(said: Answer, by: string): boolean;
  onDelta(agent: string, text: string, kind: 'text' | 'output'): void;
};

export type ActOf<Kind extends Act['kind']> = Extract<Act, { kind: Kind }>;
/** An act: does what is due and returns the facts that say how it ended. A throw stops the host; the run can resume. */
export type Perform<Kind extends Act['kind']> = (act: ActOf<Kind>, context: HostContext) => Promise<EventBody[]>;
