import type { Answer } from '../../ipc/approval.ts';
import type { AgentRunAccess } from '../agent-runs/run-agent.ts';
import type { ChecksAccess } from '../checks/run-checks.ts';
import type { GitLocation } from '../git/git.ts';
import type { ToolCallAccess } from '../tool-calls/access.ts';

/**
 * All parts of a host, made once in its life. Steps, agents and tool calls each name the parts that they need; only the
 * files of this folder know all of them.
 */
export type HostContext = AgentRunAccess &
  ToolCallAccess &
  ChecksAccess & {
    /** The user's own repository: its objects and refs only, never its work tree. */
    userGit: GitLocation;
    /** The user's PATH, for commands inside the walls. */
    searchPath: string[];
    /** Takes a person's answer to an approval. The first one counts; false: this one does not. */
    answer(said: Answer, by: string): boolean;
  };
