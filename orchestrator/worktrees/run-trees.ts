import type { GitLocation } from '../git/git.ts';
import type { HandsPool } from '../hands/pool.ts';
import type { RunAccess } from '../runs/run-access.ts';
import { linkDependencies } from './dependencies/link.ts';
import type { Guarded } from './own-places.ts';
import { firstTree } from './private-home.ts';
import { exclude, type Tree, treeAt } from './worktree.ts';

/** The work trees of one run, and the hands that may touch them. `check` is where checks run and `t1`, `t2`, … are lent to tasks. */
export type TreeName = string;
/** The planner's tree; the first task gets it next, with its dependencies in place. */
export const plannerTree: TreeName = firstTree;

/** The work trees of the run that a host owns, and the hands on them. */
export type TreeAccess = Pick<RunAccess, 'run' | 'paths' | 'state' | 'signal'> & {
  /** vtcode's private repository for the run's repository. */
  git: GitLocation;
  hands: HandsPool;
  trees: TreeNotes;
  /** vtcode's own state and configuration folders, absolute. */
  own: string[];
};

/** Files of keys in a place: all, those that no commit holds, and those that were there at first. */
export type SeenKeys = { all: string; hidden: string[]; first: string[] };

type Linked = { readable: string[]; warnings: string[] };

/** The host's data about its trees beside the log, from its start on. Linking is quick and repeated after a restart. */
export type TreeNotes = {
  /** The links made in each tree, by the tree's full name. */
  linked: Map<string, Linked>;
  /** The tree whose hands got their policy before the links in the tree were known. */
  wokenEarly: TreeName | null;
  /** The guarded places of the user's own folder; null: not looked for yet. */
  guarded: Guarded | null;
  /** The facts that the views of commands were last made from, by the place (command-view.ts). */
  views: Map<string, SeenKeys>;
  /** A print of what was guarded in the user's own folder when the hands of tools were started there. */
  firstGuards?: string;
  /** The newest hands of each kind for commands. */
  viewNames: Map<string, string>;
  /** Trees that an open assignment has chosen and not recorded yet. */
  claimed: Set<TreeName>;
};

export function noTreeNotes(): TreeNotes {
  return {
    linked: new Map(),
    wokenEarly: null,
    claimed: new Set(),
    guarded: null,
    views: new Map(),
    viewNames: new Map(),
  };
}

/** The tree of the run with this name, even if it does not exist. */
export function treeOf(access: Pick<TreeAccess, 'run' | 'paths' | 'git'>, name: TreeName): Tree {
  return treeAt(access.git, access.paths.trees, `${access.run}-${name}`);
}

const nothingLinked: Linked = { readable: [], warnings: [] };

/** Links the dependencies installed in the user's checkout into the tree, where the configuration wants it. */
export async function linkInto(context: TreeAccess, tree: Tree): Promise<Linked> {
  const { created } = context.state();
  if (!created.config.setup.link_dependencies) return nothingLinked;
  const result = await linkDependencies({ checkout: created.repository.root, tree: tree.path });
  exclude(context.git.gitDir, result.exclude);
  const warnings = [...result.warnings];
  if (result.setupReason !== null) warnings.push(`Dependencies are not linked: ${result.setupReason}`);
  const linked = { readable: result.readable, warnings };
  context.trees.linked.set(tree.name, linked);
  return linked;
}

/** Warnings of set-up so far, each of them once. */
export function setupWarnings(context: TreeAccess): string[] {
  return [...new Set([...context.trees.linked.values()].flatMap((linked) => linked.warnings))];
}
