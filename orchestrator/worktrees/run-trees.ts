import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, toFault } from '../../ipc/fault.ts';
import type { HandsPolicy, RanReport } from '../../ipc/hands-protocol.ts';
import { hasPlan, isQuestion, rootOf } from '../../ipc/run-kind.ts';
import { type Ground, judge, type Permit } from '../../security/judge.ts';
import type { RunState } from '../../state/run-state.ts';
import { anyWrites } from '../../tools/contracts/toolbox.ts';
import { gitPlaces } from '../git/find-git-folders.ts';
import type { Hands } from '../hands/hands.ts';
import { handsPolicyOf } from '../hands/policy.ts';
import type { HostContext } from '../host/context.ts';
import { linkDependencies } from './dependencies/link.ts';
import { followIn } from './follow-links.ts';
import { firstTree, makeFolders, privateFolders } from './private-home.ts';
import { exclude, keepOutNewFiles, openTree, resetTree, type Tree, treeAt } from './worktree.ts';

/** The work trees of one run, and the hands that may touch them. `check` is where checks run and `t1`, `t2`, … are lent to tasks. */
export type TreeName = string;
/** Where the planner reads; the first task then finds it warm. */
export const plannerTree: TreeName = firstTree;

export function treeOf(context: HostContext, name: TreeName): Tree {
  return treeAt(context.git.gitDir, context.paths.trees, `${context.run}-${name}`);
}

/** The tree `name` at `commit`, dependencies linked and set up; made if it is not there, else reset. Repeatable. */
export async function readyTree(context: HostContext, name: TreeName, commit: string): Promise<Tree> {
  const fullName = `${context.run}-${name}`;
  const tree = openTree(context.git.gitDir, context.paths.trees, fullName, commit);
  await resetTree(tree, commit);
  const { readable } = await linkInto(context, tree);
  // Hands that were told their policy before the tree was filled could not read what is linked.
  const early = woken.get(context) === name;
  if (early) woken.delete(context);
  if (early && readable.length > 0) await context.hands.stop(`${name}:read`);
  await setUp(context, tree, commit, name);
  return tree;
}

type Linked = { readable: string[]; warnings: string[] };
const nothingLinked: Linked = { readable: [], warnings: [] };

/** What was linked into each tree, per host life: linking is quick and repeated once after a restart. */
const linkedTrees = new WeakMap<HostContext, Map<string, Linked>>();

async function linkInto(context: HostContext, tree: Tree): Promise<Linked> {
  const { created } = context.state();
  const known = linkedTrees.get(context) ?? new Map<string, Linked>();
  linkedTrees.set(context, known);
  if (!created.config.setup.link_dependencies) return nothingLinked;
  const result = await linkDependencies({ checkout: created.repository.root, tree: tree.path });
  exclude(context.git.gitDir, result.exclude);
  const warnings = [...result.warnings];
  if (result.setupReason !== null) warnings.push(`Dependencies are not linked: ${result.setupReason}`);
  known.set(tree.name, { readable: result.readable, warnings });
  return known.get(tree.name)!;
}

/** Warnings of set-up so far, each once. */
export function setupWarnings(context: HostContext): string[] {
  return [...new Set([...(linkedTrees.get(context)?.values() ?? [])].flatMap((linked) => linked.warnings))];
}

/** How often a check, a set-up command, or hands under them, may be killed and begun again. */
export const killsMax = 2;

/** Ended by SIGKILL or SIGTERM, or a shell that says so of what it ran; and not because its time was over. */
export function wasKilled({ exitCode, signal, timedOut }: RanReport): boolean {
  if (timedOut) return false;
  return signal === 'SIGKILL' || signal === 'SIGTERM' || exitCode === 137 || exitCode === 143;
}

/** Sets the tree up; from the start again when somebody killed a command or the hands, as a machine without memory does. */
async function setUp(context: HostContext, tree: Tree, commit: string, name: TreeName): Promise<void> {
  for (let left = killsMax; ; left -= 1) {
    try {
      return await runSetup(context, tree, name);
    } catch (error) {
      if (left === 0 || context.signal.aborted || toFault(error).code !== 'process_failed') throw error;
      await resetTree(tree, commit);
      await linkInto(context, tree);
    }
  }
}

/**
 * Runs the configured set-up commands inside the walls. A reset takes away what they made, so each is followed by this.
 * Throws process_failed when a command or the hands were killed, tool_failed when a command fails.
 */
async function runSetup(context: HostContext, tree: Tree, name: TreeName): Promise<void> {
  const { setup, limits } = context.state().created.config;
  if (setup.commands.length === 0) return;
  const hands = await treeHands(context, name, 'write');
  for (const command of setup.commands) {
    const by = { agent: 'setup', call: command };
    const order = { command, directory: '.', timeoutMs: limits.check_seconds * 1000, signal: context.signal, by };
    const report = await hands.run(configuredPermit(context, order, tree.path), order);
    if (report.exitCode !== 0)
      throw new Fault(
        wasKilled(report) ? 'process_failed' : 'tool_failed',
        `Set-up command failed in the work tree: ${command}\n${report.tail}`,
        { advice: 'Mend setup.commands in agents.toml. They run inside the walls, without network.' },
      );
  }
  await keepOutNewFiles(tree);
}

/**
 * The permit of a check or a set-up command. Who configured it, or accepted it with the plan, has answered what the gate
 * would ask; what a rule denies is denied to them as well. Throws config_invalid then.
 */
export function configuredPermit(
  context: HostContext,
  { command, directory }: { command: string; directory: string },
  workspace: string,
): Permit {
  const { commands, paths } = context.state().created.config.policy;
  const ground: Ground = {
    origin: 'configuration',
    mode: 'write',
    permissions: 'ask',
    scope: ['**'],
    protect: [],
    readable: [],
    paths,
    commands,
    follow: followIn(workspace),
  };
  const judged = judge([{ kind: 'run', command, directory }], ground);
  if (judged.verdict === 'allow') return judged.permit;
  throw new Fault('config_invalid', `The policy forbids a configured command: ${command} (${judged.rule}).`, {
    advice: 'Take it out of checks or setup.commands, or the rule out of policy.commands.deny.',
  });
}

/** Where an agent's hands are: `tree` null: in the user's own folder. `name` tells hands apart. */
export type HandsPlace = { tree: TreeName | null; mode: 'read' | 'write'; name: string };

/** Which tree an agent works in, and how. Planners read; an agent started by another works where that one does. */
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

/** The folder that an agent works in, absolute. It need not be there yet. */
export function workspaceOf(context: HostContext, agentName: string): string {
  const { tree } = handsPlace(agentName, context.state());
  // A planner's notes are those of the checkout: its tree is made while it starts.
  if (tree === null || !context.state().tasks.has(rootOf(agentName))) return context.state().created.repository.root;
  return treeOf(context, tree).path;
}

/** The hands of an agent; a wider grant is a second process. */
export async function handsFor(context: HostContext, agentName: string, outside: string[] = []): Promise<Hands> {
  const { tree, mode, name } = handsPlace(agentName, context.state());
  if (outside.length > 0) return handsWith(context, agentName, outside);
  if (tree !== null) return treeHands(context, tree, mode);
  return context.hands.get(name, () => folderPolicy(context, mode));
}

/**
 * The hands for a command of an agent. In a person's own folder lies their repository, whose hooks and settings git obeys:
 * where the walls cannot keep those from commands, commands only read there. `onlyReads`: that is so.
 */
export async function handsForCommand(
  context: HostContext,
  agentName: string,
): Promise<{ hands: Hands; onlyReads: boolean }> {
  const { tree, mode } = handsPlace(agentName, context.state());
  const hands = await handsFor(context, agentName);
  const onlyReads = tree === null && mode === 'write' && !hands.walls.keeps;
  if (!onlyReads || gitPlaces(context.state().created.repository.root).length === 0) return { hands, onlyReads: false };
  return { hands: await context.hands.get('folder:read', () => folderPolicy(context, 'read')), onlyReads };
}

/** Hands for one call that a person allowed to read something outside: they only read, and are not the agent's own. */
async function handsWith(context: HostContext, agentName: string, outside: string[]): Promise<Hands> {
  const { tree } = handsPlace(agentName, context.state());
  const policy = tree === null ? folderPolicy(context, 'read') : policyFor(context, treeOf(context, tree), 'read', []);
  const readable = [...policy.readable, ...outside];
  return context.hands.get(`${agentName}:${outside.join(':')}`, () => ({ ...policy, readable }));
}

/** The hands on a tree. */
export async function treeHands(context: HostContext, name: TreeName, mode: 'read' | 'write'): Promise<Hands> {
  const tree = treeOf(context, name);
  const linked = linkedTrees.get(context)?.get(tree.name) ?? (await linkInto(context, tree));
  return context.hands.get(`${name}:${mode}`, () => policyFor(context, tree, mode, linked.readable));
}

/** Starts the process of the hands that `treeHands` will soon be asked for. The tree need not be there yet. */
export function expectHands(context: HostContext, name: TreeName, mode: 'read' | 'write'): void {
  context.hands.expect(`${name}:${mode}`, policyFor(context, treeOf(context, name), mode, []));
}

/** The tree whose hands were told their policy before it was known what is linked into it. */
const woken = new WeakMap<HostContext, TreeName>();

/**
 * Has the expected reading hands raise their walls while the tree is being filled, where nothing seems to be installed
 * that they would have to read. A wrong guess is put right when the tree is ready.
 */
export function wakeHands(context: HostContext, name: TreeName, commit: string): void {
  const { root } = context.state().created.repository;
  if (process.platform !== 'linux' || existsSync(join(root, 'node_modules'))) return;
  const tree = openTree(context.git.gitDir, context.paths.trees, `${context.run}-${name}`, commit);
  woken.set(context, name);
  // A failure is met again, and told, by whoever asks for these hands.
  context.hands.get(`${name}:read`, () => policyFor(context, tree, 'read', [])).catch(() => {});
}

function policyFor(context: HostContext, tree: Tree, mode: 'read' | 'write', readable: string[]): HandsPolicy {
  const { repository } = context.state().created;
  const own = [context.git.gitDir, join(repository.gitDir, 'objects')];
  const kept = [join(tree.path, '.git')];
  return policyOn(context, { workspace: tree.path, home: tree.name, mode, kept, readable: [...readable, ...own] });
}

/** What the hands may do in the user's own folder: the same, but for trees of ours. */
function folderPolicy(context: HostContext, mode: 'read' | 'write'): HandsPolicy {
  const { root, gitDir } = context.state().created.repository;
  mkdirSync(context.paths.out, { recursive: true, mode: 0o700 });
  const kept = mode === 'read' ? [] : gitPlaces(root);
  return policyOn(context, { workspace: root, home: 'folder', mode, kept, readable: gitDir === '' ? [] : [gitDir] });
}

type Place = Pick<HandsPolicy, 'workspace' | 'mode' | 'kept' | 'readable' | 'home'>;

function policyOn(context: HostContext, { home: homeName, ...place }: Place): HandsPolicy {
  const own = makeFolders(privateFolders(context.paths.home, homeName));
  const { config } = context.state().created;
  return handsPolicyOf(config, { ...place, ...own });
}
