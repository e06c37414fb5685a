import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { basename, relative } from 'node:path';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import { hasUserNamespaces } from '../../sandbox/launcher.ts';
import { mayMakeNamespaces } from '../../sandbox/namespaces.ts';
import { inScope } from '../../security/paths/scope.ts';
import { findPlaces } from '../git/find-git-folders.ts';
import { gitTry, splitNul } from '../git/git.ts';
import { ownGitDir } from '../git/repository.ts';
import { deniedPrograms } from '../hands/policy.ts';
import { type SeenKeys, type TreeAccess, type TreeName, treeOf } from './run-trees.ts';
import { folderGuards, guardsNow } from './tree-hands.ts';

/**
 * The files that a command held by the walls must not see or change, as they are at this moment: an earlier command may
 * have made more of them. `hidden`: files with keys, absolute; `changed`: more is guarded than when the hands of tools were started.
 */
export async function commandView(
  context: TreeAccess,
  tree: TreeName | null,
  agent: string,
): Promise<{ hidden: string[]; changed: boolean }> {
  if (tree === null) context.trees.firstGuards ??= guardsOf(folderGuards(context));
  const now = tree === null ? guardsNow(context) : undefined;
  const root = tree === null ? context.state().created.repository.root : treeOf(context, tree).path;
  const keys = now ? now.keys : findPlaces(root).keys;
  const place = tree === null ? 'folder' : `${tree}:${agent}`;
  const known = context.trees.views.get(place);
  const seen: SeenKeys = known ?? { all: '', hidden: [], first: keys };
  context.trees.views.set(place, seen);
  const all = keys.join('\0');
  if (all !== seen.all) {
    // In a tree of a run only what its set-up or a commit brought was there at first.
    seen.hidden =
      tree === null ? await uncommitted(context, root, keys) : keys.filter((key) => !seen.first.includes(key));
    seen.all = all;
  }
  const { allow } = context.state().created.config.policy.paths;
  const hidden = seen.hidden.filter((path) => !inScope(relative(root, path), allow));
  const changed = now !== undefined && guardsOf(now) !== context.trees.firstGuards;
  if (now) context.trees.guarded = now;
  return { hidden, changed };
}

/** Denied by the shipped rules: the walls give no rights to anything, and our own program gains none in them. */
const powerless = ['sudo', 'su', 'vtcode'];

/**
 * A thing that commands of an agent could reach against the policy because this machine makes no views, in words; undefined where
 * it does, or where there is nothing of the kind. `commandView` has looked before.
 */
export function unheldIn(
  context: Pick<TreeAccess, 'state' | 'trees' | 'own'>,
  tree: TreeName | null,
  agent: string,
): string | undefined {
  if (!lacksViews(context.state().walls)) return undefined;
  const { root } = context.state().created.repository;
  const { policy } = context.state().created.config;
  const [key] = context.trees.views.get(tree === null ? 'folder' : `${tree}:${agent}`)?.hidden ?? [];
  if (key !== undefined) return `files with keys (${tree === null ? relative(root, key) : basename(key)})`;
  if (policy.paths.deny.length > 0) return 'the paths of policy.paths.deny';
  const [program] = deniedPrograms(policy.commands.deny).filter((name) => !powerless.includes(name));
  if (program !== undefined) return `starting ${program}, which a rule denies`;
  const guards = tree === null && context.state().created.repository.gitDir === '' ? folderGuards(context) : undefined;
  const [kept] = guards ? [...guards.kept, ...guards.instructing] : [];
  return kept === undefined ? undefined : `changing ${relative(root, kept)}`;
}

/** Whether commands get no private view. `walls`: what the hands have reported so far. */
export function lacksViews(walls: string): boolean {
  if (process.platform !== 'linux') return false;
  if (walls !== '') return !walls.includes('private file view');
  return !mayMakeNamespaces() && !hasUserNamespaces();
}

/** Which file has a path. Numbers of files are used again, so the time of its birth counts as well. */
function fileOf(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return [path, `${found?.ino} ${found?.birthtimeNs}`];
}

/** A file that was replaced is another one: what the kernel keeps or hides is the file, not its name. */
function printOf(...lists: string[][]): string {
  const files = lists.map((list) => list.map(fileOf));
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
}

function guardsOf({ kept, pinned, instructing, denied }: NonNullable<TreeAccess['trees']['guarded']>): string {
  return printOf(kept, pinned, instructing, denied);
}

/**
 * Of some files and folders those that hold anything that no commit of the person will: real keys, where committed ones
 * are mostly made for tests. All, where there is no git.
 */
async function uncommitted(context: TreeAccess, root: string, paths: string[]): Promise<string[]> {
  if (paths.length === 0 || context.state().created.repository.gitDir === '') return paths;
  const { environment } = context.git;
  const within = paths.map((path) => relative(root, path));
  const place = { gitDir: ownGitDir(root), workTree: root, ...(environment && { environment }) };
  const listed = await gitTry(place, ['--literal-pathspecs', 'ls-files', '-z', '--others', '--', ...within]);
  if (listed.code !== 0) return paths;
  const others = splitNul(listed.stdout);
  const holds = (folder: string, path: string) => `${path}/`.startsWith(`${folder.replace(/\/$/, '')}/`);
  return paths.filter((_, at) => others.some((one) => holds(within[at] ?? '', one) || holds(one, within[at] ?? '')));
}

/**
 * The name of hands with this policy: hands that an older view of
 * the same kind had get no further command.
 */
export function viewName(hands: Pick<TreeAccess, 'hands' | 'trees'>, kind: string, policy: HandsPolicy): string {
  const { kept, masked, pinned } = policy;
  const name = `${kind}:${printOf(kept, masked, pinned)}`;
  const { viewNames } = hands.trees;
  const old = viewNames.get(kind);
  if (old !== undefined && old !== name) hands.hands.retire(old);
  viewNames.set(kind, name);
  return name;
}
