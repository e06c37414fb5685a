import { isAbsolute, relative } from 'node:path';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import { hasPlan, isQuestion, person, rootOf } from '../../ipc/run-kind.ts';
import { mayInstruct } from '../../security/paths/instructing.ts';
import { isSecretPath } from '../../security/paths/secret-files.ts';
import type { RunState } from '../../state/run-state.ts';
import { anyWrites } from '../../tools/contracts/toolbox.ts';
import { hostsOf } from '../config/registries.ts';
import { gitPlaces } from '../git/find-git-folders.ts';
import type { Hands } from '../hands/hands.ts';
import { commandView, viewName } from './command-view.ts';
import { linkInto, plannerTree, type TreeAccess, type TreeName, treeOf } from './run-trees.ts';
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

/**
 * The hands of an agent; a wider grant is a second process. `reads`: paths that a call may read, absolute where they are
 * outside; `writes`: paths that it may write.
 */
export async function handsFor(
  context: TreeAccess,
  agentName: string,
  { reads = [], writes = [] }: { reads?: string[]; writes?: string[] } = {},
): Promise<Hands> {
  const { tree, mode, name } = handsPlace(agentName, context.state());
  const more = reads.filter((path) => isAbsolute(path) || (mode === 'read' && isSecretPath(path)));
  if (more.length > 0) return handsWith(context, agentName, more);
  if (tree !== null) return treeHands(context, tree, mode);
  return writes.some(mayInstruct)
    ? handsOpening(context, writes)
    : context.hands.get(name, () => folderPolicy(context, mode));
}

/** Hands in the person's folder for a call that may write files that instruct agents and tools. */
function handsOpening(context: TreeAccess, writes: string[]): Promise<Hands> {
  const open = writes.filter(mayInstruct).sort();
  return context.hands.get(`folder:write:${open.join(':')}`, () => opening(folderPolicy(context, 'write'), open));
}

/** A policy that leaves the files that a call names as they are. */
function opening(policy: HandsPolicy, open: string[]): HandsPolicy {
  const isOpen = (path: string) => open.some((one) => meets(relative(policy.workspace, path), one));
  const stay = (paths: string[]) => paths.filter((path) => !isOpen(path));
  return { ...policy, kept: stay(policy.kept), masked: stay(policy.masked), pinned: stay(policy.pinned) };
}

/**
 * Hands for a command that the walls hold. They are those of the agent's tools as long as there is nothing that only
 * commands must not see; else hands of their own, made anew when a command has made something that is to be guarded.
 */
async function containedHands(context: TreeAccess, agentName: string, opens: string[]): Promise<Hands> {
  const { tree, mode, name } = handsPlace(agentName, context.state());
  if (mode === 'read' || agentName === person) return handsFor(context, agentName, { writes: opens });
  const { hidden, changed } = await commandView(context, tree, rootOf(agentName));
  const open = opens.filter((path) => mayInstruct(path) || isSecretPath(path));
  if (hidden.length === 0 && !changed) return handsFor(context, agentName, { writes: opens });
  const linked = tree === null ? [] : (context.trees.linked.get(treeOf(context, tree).name)?.readable ?? []);
  const base =
    tree === null ? folderPolicy(context, 'write') : policyFor(context, treeOf(context, tree), 'write', linked);
  const policy = opening({ ...base, masked: [...base.masked, ...hidden] }, open);
  const kind = `${name}:${[...new Set(open)].sort().join(':')}`;
  return context.hands.get(viewName(context, kind, policy), () => policy);
}

/** Whether one path is the other or holds it; what follows a wildcard may be anything. */
function meets(path: string, other: string): boolean {
  const wild = other.search(/[*?[\ue000]/);
  if (wild >= 0) return path.startsWith(other.slice(0, wild)) || other.startsWith(`${path}/`);
  return path === other || path.startsWith(`${other}/`) || other.startsWith(`${path}/`);
}

/**
 * The hands for a command of an agent. A person's own folder holds their repository, whose hooks and settings git
 * obeys: where the walls cannot protect those from commands, commands may only read there. `onlyReads`: this is the
 * case. `opens`: paths of guarded files that a person's answer or rule names. `registries`: package registries that the command may reach, by their names. `looks`: it was judged to change
 * nothing; then it gets hands for which the work tree is read-only, so that a mistake of the judge costs nothing.
 * `seesKeys`: and files with keys are there, because it compares them with what git has.
 */
export async function handsForCommand(
  context: TreeAccess,
  agentName: string,
  { registries = [], opens = [], looks = false, seesKeys = false }: Partial<CommandNeeds> = {},
): Promise<{ hands: Hands; onlyReads: boolean }> {
  const { tree, mode } = handsPlace(agentName, context.state());
  if (looks && mode === 'write' && registries.length === 0)
    return { hands: await lookingHands(context, rootOf(agentName), tree, seesKeys), onlyReads: false };
  const own = await containedHands(context, agentName, opens);
  const hands = registries.length === 0 ? own : await handsReaching(context, agentName, registries);
  const onlyReads = tree === null && mode === 'write' && !hands.walls.keeps;
  if (!onlyReads || gitPlaces(context.state().created.repository.root).length === 0) return { hands, onlyReads: false };
  return { hands: await context.hands.get('folder:read', () => folderPolicy(context, 'read')), onlyReads };
}

type CommandNeeds = { registries: string[]; opens: string[]; looks: boolean; seesKeys: boolean };

async function lookingHands(
  context: TreeAccess,
  agent: string,
  tree: TreeName | null,
  seesKeys: boolean,
): Promise<Hands> {
  if (tree === null) await commandView(context, tree, agent);
  const policyIn = await readingPolicy(context, tree);
  // A second process only where there is something to hide.
  const wanted = seesKeys && policyIn(false).masked.length > policyIn(true).masked.length;
  const [kind, policy] = wanted ? ['keys', policyIn(true)] : ['look', policyIn(false)];
  // In a tree the hands that tools read with see the same, as long as no command has made files with keys.
  if (tree !== null && !wanted && !(await commandView(context, tree, agent)).hidden.length)
    return treeHands(context, tree, 'read');
  return context.hands.get(viewName(context, `${tree ?? 'folder'}:read:${kind}`, policy), () => policy);
}

/** The policy of hands that only read, with files that hold keys or without them. */
async function readingPolicy(context: TreeAccess, tree: TreeName | null): Promise<(seesKeys: boolean) => HandsPolicy> {
  if (tree === null) return (seesKeys) => folderPolicy(context, 'read', seesKeys);
  const place = treeOf(context, tree);
  const linked = context.trees.linked.get(place.name) ?? (await linkInto(context, place));
  return (seesKeys) => policyFor(context, place, 'read', linked.readable, seesKeys);
}

/** Files with keys by which package tools sign in at their registry. */
const ofPackageTools = /\/(\.npmrc|\.yarnrc\.yml|\.pypirc)$/;

/** Hands for commands that may fetch packages: like the agent's own, with the network of these registries. */
async function handsReaching(context: TreeAccess, agentName: string, registries: string[]): Promise<Hands> {
  const { tree, mode, name } = handsPlace(agentName, context.state());
  const { network } = context.state().created.config;
  const hosts = hostsOf(
    registries.map((one) => `registry:${one}`),
    network,
  );
  const linked = tree === null ? [] : (context.trees.linked.get(treeOf(context, tree).name)?.readable ?? []);
  const { hidden } = await commandView(context, tree, rootOf(agentName));
  const given = tree === null ? folderPolicy(context, mode) : policyFor(context, treeOf(context, tree), mode, linked);
  const masked = [...given.masked, ...hidden.filter((path) => !ofPackageTools.test(path))];
  const policy = { ...given, masked, network: [...new Set([...given.network, ...hosts])] };
  return context.hands.get(viewName(context, `${name}:${registries.join(',')}`, policy), () => policy);
}

/**
 * Hands for a call that may read something outside, or a file with keys that is hidden from all others: they only read,
 * and serve no other call.
 */
async function handsWith(context: TreeAccess, agentName: string, paths: string[]): Promise<Hands> {
  const { tree, name } = handsPlace(agentName, context.state());
  return context.hands.get(`${name}:${agentName}:${paths.join(':')}`, () => {
    const policy =
      tree === null ? folderPolicy(context, 'read') : policyFor(context, treeOf(context, tree), 'read', []);
    const isOpen = (path: string) => paths.some((one) => meets(relative(policy.workspace, path), one));
    const readable = [...policy.readable, ...paths.filter((path) => isAbsolute(path))];
    return { ...policy, readable, masked: policy.masked.filter((path) => !isOpen(path)) };
  });
}
