import { hasPlan, rootOf } from '../../ipc/run-kind.ts';
import type { Ground } from '../../security/judge.ts';
import { protectedPatterns } from '../checks/detect.ts';
import { grantedRegistries, hostsOf, webSearchGrant } from '../config/registries.ts';
import { commandShell } from '../environment/shell.ts';
import { allowedHosts, allowedLasting, allowedPatterns, allowedReads } from '../schedule/approvals.ts';
import { handsPlace, workspaceOf } from '../worktrees/agent-hands.ts';
import { unheldIn } from '../worktrees/command-view.ts';
import { followIn, topsOf } from '../worktrees/follow-links.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';
import { folderGuards } from '../worktrees/tree-hands.ts';
import { isTainted } from './taint.ts';

/**
 * The policy by which an agent's calls are judged now. `readsBash`: the shell of commands reads its line, and no program
 * that is already running.
 */
export function groundOf(
  agent: string,
  context: Pick<TreeAccess, 'run' | 'paths' | 'git' | 'state' | 'trees' | 'own'>,
  readsBash = true,
): Ground {
  const state = context.state();
  const { options, config } = state.created;
  const { mode, tree } = handsPlace(agent, context.state());
  const unheld = unheldIn(context, tree, rootOf(agent));
  const { commands: rules, paths } = config.policy;
  const commands = { ...rules, allow: [...rules.allow, ...allowedPatterns(state, agent)] };
  // An agent that read untrusted text is not trusted to judge what is harmless.
  const isAuto = options.permissions === 'auto' && !isTainted(state, agent);
  const permissions = isAuto ? ('auto' as const) : ('ask' as const);
  const readable = allowedReads(state, agent);
  const workspace = workspaceOf(context, agent);
  const answered = allowedHosts(state, agent);
  const where = {
    follow: followIn(workspace),
    tops: topsOf(workspace),
    saves: true,
    ...(unheld !== undefined && { unheld }),
    ...(readsBash && commandShell().endsWith('bash') && { shell: 'bash' as const }),
    registries: grantedRegistries(config.network),
    hosts: [...hostsOf(config.network.allow, config.network), ...hostsOf(answered, config.network)],
    searches: [...config.network.allow, ...answered].includes(webSearchGrant),
  };
  const shared = { origin: 'agent' as const, mode, permissions, commands, paths, readable, ...where };
  // In the user's own folder the scope is the whole folder, as for any tool that a person starts there.
  if (!hasPlan(options)) return { ...shared, scope: ['**'], protect: [], places: folderGuards(context).places };
  const root = rootOf(agent);
  const scope = [...(state.tasks.get(root)?.context.task.scope ?? []), ...allowedLasting(state, agent)];
  return { ...shared, scope, protect: [...protectedPatterns(), ...config.checks.protect] };
}
