import { normalize } from 'node:path/posix';
import { rootOf } from '../../ipc/run-kind.ts';
import { holdsPackages, systemAccess } from '../../security/paths/system-folders.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Trust } from '../config/trust.ts';
import { plainFile, speaksToAgents } from '../config/trust.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { workspaceOf } from '../worktrees/agent-hands.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';

/**
 * Taint: an agent that read untrusted instructions, or text from outside the work tree, loses rights that it does not
 * need. There is one rule: from then on `--auto` counts as `--ask` for it, and for every agent of its task.
 */
export function isTainted(state: RunState, agent: string): boolean {
  return taintOf(state, agent) !== '';
}

/** The untrusted text that an agent, or another of its task, has read; '' if there is none. */
function taintOf(state: RunState, agent: string): string {
  const root = rootOf(agent);
  return [...state.agents].find(([name, known]) => known.tainted && rootOf(name) === root)?.[1].tainted ?? '';
}

/**
 * The words that tell an agent and a person that `--auto` counts as `--ask` now, and why; '' where it never counted.
 */
export function taintWords(state: RunState, agent: string): string {
  const by = taintOf(state, agent);
  if (by === '' || state.created.options.permissions !== 'auto') return '';
  return `${by} was read and is not trusted, so --auto counts as --ask now`;
}

/** The parts that deciding about taint needs. */
export type TaintAccess = RunAccess & Pick<TreeAccess, 'git'> & { trust: Trust };

/** Records that a call has read untrusted text: `paths` relative to the work tree's top, or absolute. */
export async function taint(agent: string, paths: string[], context: TaintAccess): Promise<void> {
  if (isTainted(context.state(), agent)) return;
  const path = paths.find((one) => isForeign(one, agent, context));
  if (path !== undefined) await context.record([{ type: 'agent.tainted', agent, by: path }]);
}

/** Temporary files of the agent's own commands, devices without content, and what the system itself holds. */
function isOfTheMachine(path: string): boolean {
  const plain = normalize(path);
  return (
    /^(\/private|\/var)?\/tmp(\/|$)|^\/dev(\/|$)/.test(plain) || systemAccess(plain) !== null || holdsPackages(plain)
  );
}

function isForeign(path: string, agent: string, context: TaintAccess): boolean {
  if (/^[/~]/.test(path)) return !isOfTheMachine(path);
  if (path.split('/').includes('..')) return true;
  return speaksToAgents(path) && !context.trust(path, plainFile(workspaceOf(context, agent), path) ?? '');
}
