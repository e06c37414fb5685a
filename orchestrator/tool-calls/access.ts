import type { Redactor } from '../../ipc/redaction.ts';
import type { AgentsAccess } from '../agent-runs/sessions.ts';
import type { PageCache } from '../web/fetch-page.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';
import type { AskAccess } from './ask.ts';
import type { TaintAccess } from './taint.ts';

/** The parts that carrying out a tool call needs. */
export type ToolCallAccess = AgentsAccess &
  TreeAccess &
  AskAccess &
  TaintAccess & {
    redaction: Redactor;
    /** The person's environment, for the git that is run as they would. */
    person: Record<string, string>;
    /** Pages that were fetched for this run. */
    pages: PageCache;
    onDelta(agent: string, text: string, kind: 'text' | 'output'): void;
  };
