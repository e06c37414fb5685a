import type { Event, EventBody, EventOf } from '../../ipc/events.ts';
import type { RunState } from '../../state/run-state.ts';

/** How the process that owns a run shows the run, and how it asks a person. */
export type HostListeners = {
  onEvents?(events: Event[], state: RunState): void;
  /** A piece of an agent's words, or of a command's output. */
  onDelta?(agent: string, text: string, kind: 'text' | 'output'): void;
  /**
   * Asked once, when the plan waits. Resolves with the fact to write (accepted or declined), or null to leave the run
   * waiting. Absent: no person is there.
   */
  onPlan?(state: RunState): Promise<EventBody | null>;
  /** A person is there who gives the next message of a conversation. */
  speaks?: boolean;
  /** A call waits for a person: shows it and asks. `answer` gives the decision. Absent: no person is there. */
  onApproval?(asked: EventOf<'approval.requested'>): void;
};
