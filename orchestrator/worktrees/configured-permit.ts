import { Fault } from '../../ipc/fault.ts';
import { type Ground, judge, type Permit } from '../../security/judge.ts';
import type { RunState } from '../../state/run-state.ts';
import { followIn, topsOf } from './follow-links.ts';

/**
 * The permit of a check or a set-up command. The person who configured it, or accepted it with the plan, has thereby
 * answered the gate's question; a rule that denies still counts. Throws config_invalid then.
 */
export function configuredPermit(
  state: RunState,
  { command, directory }: { command: string; directory: string },
  workspace: string,
): Permit {
  const { commands, paths } = state.created.config.policy;
  const ground: Ground = {
    origin: 'configuration',
    mode: 'write',
    permissions: 'ask',
    scope: ['**'],
    protect: [],
    readable: [],
    paths,
    commands,
    tops: topsOf(workspace),
    saves: false,
    registries: [],
    follow: followIn(workspace),
  };
  const judged = judge([{ kind: 'run', command, directory }], ground);
  if (judged.verdict === 'allow') return judged.permit;
  throw new Fault('config_invalid', `The policy forbids a configured command: ${command} (${judged.rule}).`, {
    advice: 'Take it out of checks or setup.commands, or the rule out of policy.commands.deny.',
  });
}
