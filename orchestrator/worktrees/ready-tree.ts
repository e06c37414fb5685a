import { Fault, toFault } from '../../ipc/fault.ts';
import { killsMax, wasKilled } from '../hands/was-killed.ts';
import { configuredPermit } from './configured-permit.ts';
import { linkInto, type TreeAccess, type TreeName } from './run-trees.ts';
import { policyFor, treeHands } from './tree-hands.ts';
import { keepOutNewFiles, openTree, resetTree, type Tree } from './worktree.ts';

/** The tree `name` at `commit`, dependencies linked and set up; made if it is not there, else reset. Repeatable. */
export async function readyTree(context: TreeAccess, name: TreeName, commit: string): Promise<Tree> {
  const fullName = `${context.run}-${name}`;
  const tree = openTree(context.git, context.paths.trees, fullName, commit);
  await resetTree(tree, commit);
  const { readable } = await linkInto(context, tree);
  // Hands that got their policy before the tree was filled could not read the linked dependencies, and hide nothing in it.
  const early = context.trees.wokenEarly === name;
  if (early) context.trees.wokenEarly = null;
  if (early && (readable.length > 0 || hidesAny(context, tree))) await context.hands.stop(`${name}:read`);
  await setUp(context, tree, commit, name);
  return tree;
}

function hidesAny(context: TreeAccess, tree: Tree): boolean {
  return policyFor(context, tree, 'read', []).masked.length > 0;
}

/** Sets the tree up; starts again when a command or the hands were killed, as a machine without memory does. */
async function setUp(context: TreeAccess, tree: Tree, commit: string, name: TreeName): Promise<void> {
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
 * Runs the configured set-up commands inside the walls. Every reset removes their files, so this must follow it. Throws
 * process_failed when a command or the hands were killed, tool_failed when a command fails.
 */
async function runSetup(context: TreeAccess, tree: Tree, name: TreeName): Promise<void> {
  const { setup, limits } = context.state().created.config;
  if (setup.commands.length === 0) return;
  const hands = await treeHands(context, name, 'write');
  for (const command of setup.commands) {
    const by = { agent: 'setup', call: command };
    const order = { command, directory: '.', timeoutMs: limits.check_seconds * 1000, signal: context.signal, by };
    const report = await hands.run(configuredPermit(context.state(), order, tree.path), order);
    if (report.exitCode !== 0)
      throw new Fault(
        wasKilled(report) ? 'process_failed' : 'tool_failed',
        `Set-up command failed in the work tree: ${command}\n${report.tail}`,
        { advice: 'Mend setup.commands in agents.toml. They run inside the walls, without network.' },
      );
  }
  await keepOutNewFiles(tree);
}
