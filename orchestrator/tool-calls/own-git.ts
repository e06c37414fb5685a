import { join } from 'node:path';
import { type GitStep, ownGitSteps } from '../../security/programs/own-git.ts';
import { isInside, realPath } from '../../tools/files/workspace-path.ts';
import { gitAsPerson } from '../git/git.ts';
import { handsPlace } from '../worktrees/agent-hands.ts';
import type { ToolCallAccess } from './access.ts';
import type { Finished } from './answer.ts';

type Line = { command: string; directory: string };

/**
 * The git commands of a line that the host runs itself. In a person's own folder the walls keep `.git` from commands, so
 * git could add, commit or switch nothing there. After the gate's answer the host runs it as the person would: with their
 * name, hooks and signing. Null: the line is another's, or the agent works elsewhere.
 */
export function ownGitOf(agent: string, { command }: Line, context: ToolCallAccess): GitStep[] | null {
  const state = context.state();
  const { tree, mode } = handsPlace(agent, state);
  if (tree !== null || mode !== 'write' || state.created.repository.gitDir === '') return null;
  return ownGitSteps(command);
}

/** The longest output that an agent gets, in characters: the end counts. */
const shownMax = 20_000;

/** Runs the steps one by one; the result is that of the last one that ran, with the output of all. */
export async function runOwnGit(
  steps: GitStep[],
  { directory }: Line,
  context: ToolCallAccess,
  { signal, rule }: { signal: AbortSignal; rule: string },
): Promise<Finished> {
  const { root, gitDir } = context.state().created.repository;
  const started = Date.now();
  let folder = realPath(join(root, directory));
  let output = '';
  let code = 0;
  for (const step of steps) {
    if (step.ifBefore && code !== 0) continue;
    if (step.kind === 'cd') {
      const next = realPath(step.directory.startsWith('/') ? step.directory : join(folder, step.directory));
      code = isInside(next, realPath(root)) ? 0 : 1;
      if (code === 0) folder = next;
      else output += `cd: ${step.directory}: outside the folder\n`;
      continue;
    }
    const hooks = runsHooks(step.args);
    const place = { gitDir, workTree: root, folder, environment: context.person, hooks };
    const ended = await gitAsPerson(place, step.args, signal);
    output += ended.stdout + ended.stderr;
    code = ended.code;
  }
  const bytes = Buffer.byteLength(output);
  const tail = output.length > shownMax ? `(the beginning is cut)\n${output.slice(-shownMax)}` : output;
  const ran = { exitCode: code, signal: null, timedOut: signal.aborted, durationMs: Date.now() - started, bytes };
  return { verdict: 'allowed', rule, result: { text: `exit ${code}\n${tail}`, isError: code !== 0 }, ran };
}

/** Subcommands that a person has answered for. Others run no hook: it may lie in the folder, where an agent wrote it. */
function runsHooks([name = '', ...args]: string[]): boolean {
  if (name === 'checkout') return args.some((arg) => /^-[bB]$/.test(arg));
  return /^(commit|merge|rebase|cherry-pick|revert|switch)$/.test(name);
}
