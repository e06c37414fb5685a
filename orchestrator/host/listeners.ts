import type { Event, EventBody, EventOf } from '../../ipc/events.ts';
import type { RunState } from '../../state/run-state.ts';

/** What the process that owns a run shows of it, and what it asks of a person. */
export type HostListeners = {
  onEvents?(events: Event[], state: RunState): void;
  /** A piece of what an agent says, or of what a command prints. */
  onDelta?(agent: string, text: string, kind: 'text' | 'output'): void;
  /**
   * Asked once when the plan waits. Resolves with what to write (accepted or declined), or null to leave the run
   * waiting. Absent: nobody is there.
   */
  onPlan?(state: RunState): Promise<EventBody | null>;
  /** Somebody is there who says what comes next in a conversation. */
  speaks?: boolean;
  /** A call waits for a person: shows it and asks. What comes of it is said by `answer`. Absent: nobody is there. */
  onApproval?(asked: EventOf<'approval.requested'>): void;
};
