import { hasPlan, isQuestion, rootOf } from '../../ipc/run-kind.ts';
import type { RunState } from '../../state/run-state.ts';
import { anyWrites } from '../../tools/contracts/toolbox.ts';
import { hostsOf } from '../config/registries.ts';
import { gitPlaces } from '../git/find-git-folders.ts';
import type { Hands } from '../hands/hands.ts';
import { plannerTree, type TreeAccess, type TreeName, treeOf } from './run-trees.ts';
import { folderPolicy, policyFor, treeHands } from './tree-hands.ts';

/** The place of an agent's hands; `tree` null: the user's own folder. `name` tells hands apart. */
export type HandsPlace = { tree: TreeName | null; mode: 'read' | 'write'; name: string };

/**
 * The tree in which an agent works, and its mode. Planners read; an agent that another started works in that one's
 * tree.
 */
export function handsPlace(agentName: string, state: RunState): HandsPlace {
  const { created, tasks, agents } = state;
  const root = rootOf(agentName);
  const task = tasks.get(root);
  const role = created.config.roles[agents.get(agentName)?.role ?? ''];
  const may =
    ((!hasPlan(created.options) && !isQuestion(created.options)) || task !== undefined) &&
    created.options.permissions !== 'read_only';
  const mode = may && (agentName === root || !role || anyWrites(role.tools)) ? 'write' : 'read';
  const tree = hasPlan(created.options) ? (task ? (task.context.tree ?? '') : plannerTree) : null;
  return { tree, mode, name: `${tree ?? 'folder'}:${mode}` };
}

/** The folder in which an agent works, absolute. It may not exist yet. */
export function workspaceOf(context: Pick<TreeAccess, 'run' | 'paths' | 'git' | 'state'>, agentName: string): string {
  const { tree } = handsPlace(agentName, context.state());
  // A planner gets the notes of the checkout: its tree is still being made when it starts.
  if (tree === null || !context.state().tasks.has(rootOf(agentName))) return context.state().created.repository.root;
  return treeOf(context, tree).path;
}

/** The hands of an agent; a wider grant is a second process. */
export async function handsFor(context: TreeAccess, agentName: string, outside: string[] = []): Promise<Hands> {
  const { tree, mode, name } = handsPlace(agentName, context.state());
  if (outside.length > 0) return handsWith(context, agentName, outside);
  if (tree !== null) return treeHands(context, tree, mode);
  return context.hands.get(name, () => folderPolicy(context, mode));
}

/**
 * The hands for a command of an agent. A person's own folder holds their repository, whose hooks and settings git
 * obeys: where the walls cannot protect those from commands, commands may only read there. `onlyReads`: this is the
 * case. `registries`: package registries that the command may reach, by their names. `looks`: it was judged to change
 * nothing; then it gets hands for which the work tree is read-only, so that a mistake of the judge costs nothing.
 */
export async function handsForCommand(
  context: TreeAccess,
  agentName: string,
  { registries = [], looks = false }: { registries?: string[]; looks?: boolean } = {},
): Promise<{ hands: Hands; onlyReads: boolean }> {
  const { tree, mode } = handsPlace(agentName, context.state());
  if (looks && mode === 'write' && registries.length === 0)
    return { hands: await lookingHands(context, tree), onlyReads: false };
  const own = await handsFor(context, agentName);
  const hands = registries.length === 0 ? own : await handsReaching(context, agentName, registries);
  const onlyReads = tree === null && mode === 'write' && !hands.walls.keeps;
  if (!onlyReads || gitPlaces(context.state().created.repository.root).length === 0) return { hands, onlyReads: false };
  return { hands: await context.hands.get('folder:read', () => folderPolicy(context, 'read')), onlyReads };
}

function lookingHands(context: TreeAccess, tree: TreeName | null): Promise<Hands> {
  if (tree !== null) return treeHands(context, tree, 'read');
  return context.hands.get('folder:read', () => folderPolicy(context, 'read'));
}

/** Hands for commands that may fetch packages: like the agent's own, with the network of these registries. */
async function handsReaching(context: TreeAccess, agentName: string, registries: string[]): Promise<Hands> {
  const { tree, mode, name } = handsPlace(agentName, context.state());
  const { network } = context.state().created.config;
  const hosts = hostsOf(
    registries.map((one) => `registry:${one}`),
    network,
  );
  const linked = tree === null ? [] : (context.trees.linked.get(treeOf(context, tree).name)?.readable ?? []);
  const policy = () =>
    tree === null ? folderPolicy(context, mode) : policyFor(context, treeOf(context, tree), mode, linked);
  return context.hands.get(`${name}:${registries.join(',')}`, () => {
    const given = policy();
    return { ...given, network: [...new Set([...given.network, ...hosts])] };
  });
}

/** Hands for one call that a person allowed to read something outside: they only read, and serve no other call. */
async function handsWith(context: TreeAccess, agentName: string, outside: string[]): Promise<Hands> {
  const { tree } = handsPlace(agentName, context.state());
  const policy = tree === null ? folderPolicy(context, 'read') : policyFor(context, treeOf(context, tree), 'read', []);
  const readable = [...policy.readable, ...outside];
  return context.hands.get(`${agentName}:${outside.join(':')}`, () => ({ ...policy, readable }));
}
