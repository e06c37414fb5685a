import { stripVTControlCharacters } from 'node:util';
import { person } from '../../ipc/run-kind.ts';
import { isAnswered, type Judged, type Permit } from '../../security/judge.ts';
import { isSecretPath } from '../../security/paths/secret-files.ts';
import type { GitStep } from '../../security/programs/own-git.ts';
import type { OpenCall } from '../../state/run-state.ts';
import { command } from '../../tools/contracts/command.ts';
import { runCommand } from '../../tools/contracts/run-command.ts';
import { commandShell } from '../environment/shell.ts';
import { keepIn, keepOutput } from '../hands/kept-output.ts';
import type { ActOf } from '../schedule/due.ts';
import { handsForCommand } from '../worktrees/agent-hands.ts';
import type { ToolCallAccess } from './access.ts';
import type { Finished } from './answer.ts';
import { startInBackground, writeTo } from './background.ts';
import { ownGitOf, runOwnGit } from './own-git.ts';
import { taint } from './taint.ts';
import { tellsChanges } from './tells-changes.ts';

/** Commands that only read, and may be repeated when their end is unknown. */
const onlyLooks =
  /^(cat|ls|head|tail|wc|pwd|diff|stat|git (status|diff|log|show|blame|ls-files))([ \t][^;&|<>`$\n\r]*)?$/;

/** Programs that show processes and sockets: those of the agent's own commands, which run with the hands that write. */
const processPrograms = /(^|[\s;|&(/])(ps|pgrep|pidof|pstree|top|htop|lsof|fuser|ss|netstat|jobs)(?![\w.-])/;

/**
 * Runs a judged command. `reads`: the paths that it reads, taken from its line; `registries`: the package registries that
 * it may reach; `looks`: it was judged to change nothing, so it is run where it can change nothing. A command that an
 * earlier host started is repeated only if it just reads.
 */
export async function runJudged(
  act: ActOf<'tool'>,
  open: OpenCall,
  run: { command: string; directory: string },
  { permit, reads, writes, registries, looks, ruled }: Omit<Judged, 'effect' | 'verdict'> & { permit: Permit },
  context: ToolCallAccess,
): Promise<Finished> {
  if (open.name === command.name) return writeTo(act, open, permit, context);
  // Beside a server of the agent's own, a look may be at that server.
  const isAlone = act.agent !== person && !context.background.any(act.agent);
  const judged = { reads, writes, registries, ...(looks && isAlone && { looks }), ...(ruled && { ruled }) };
  const needs = commandNeeds(run.command, judged, isAnswered(permit));
  const { hands, onlyReads } = await handsForCommand(context, act.agent, needs);
  if (open.started && !onlyLooks.test(run.command))
    return {
      verdict: 'unknown_outcome',
      rule: permit.rule,
      result: {
        text: `This command was started and interrupted; nobody knows how far it came: ${run.command}\nLook at the work tree first, then decide whether to repeat it.`,
        isError: true,
      },
    };
  const { limits } = context.state().created.config;
  if (!open.started)
    await context.record(
      [{ ...{ type: 'tool.started', agent: act.agent, call: act.call }, rule: permit.rule, ...wordsOf(run) }],
      { durable: true },
    );
  const wanted = runCommand.arguments.safeParse(open.arguments).data;
  if (wanted?.background) return startInBackground(act, run, { permit, hands }, context);
  const cut = context.commands.begin(act.agent);
  const steps = ownGitOf(act.agent, run, context);
  if (steps) {
    const finished = await ownGit(steps, run, context, { cut, rule: permit.rule });
    await taint(act.agent, reads, context);
    return finished;
  }
  const report = await hands
    .run(permit, {
      ...wordsOf(run),
      shell: commandShell(),
      timeoutMs: Math.min(wanted?.timeout_ms ?? Number.POSITIVE_INFINITY, limits.command_seconds * 1000),
      signal: cut.signal,
      by: { agent: act.agent, call: act.call },
      onOutput: (text) => context.onDelta(act.agent, text, 'output'),
      // A person sees it; for a model most programs print better to a pipe (docs/decisions/0030-terminals.md).
      terminal: act.agent === person || wanted?.terminal === true,
    })
    .finally(cut.done);
  keepOutput(report.outputPath, keepIn(context));
  await taint(act.agent, reads, context);
  const end = report.timedOut
    ? 'ran out of time'
    : report.exitCode === null
      ? `ended by ${report.signal}`
      : `exit ${report.exitCode}`;
  const text = `${end}\n${onlyReads ? `(${readsOnly})\n` : ''}${report.truncated ? '(the beginning is cut)\n' : ''}${stripVTControlCharacters(report.tail)}`;
  const { exitCode, signal, timedOut, durationMs, outputBytes: bytes } = report;
  const ran = { exitCode, signal, timedOut, durationMs, bytes };
  return { verdict: 'allowed', rule: permit.rule, result: { text, isError: exitCode !== 0 }, ran };
}

/** The view that a judged command needs. Pure. */
export function commandNeeds(
  line: string,
  judged: Pick<Judged, 'reads' | 'writes' | 'registries' | 'looks' | 'ruled'>,
  isAnswered: boolean,
) {
  const { reads, writes, registries, ruled = [] } = judged;
  // A line that only shows the name of a file with keys (`ls -d .env`) passes, and must not see more than the name.
  const opens = isAnswered ? [...reads, ...writes] : ruled;
  // A file with keys that it may read is there for the hands that write.
  const looks = judged.looks === true && !processPrograms.test(line) && !reads.some(isSecretPath);
  return { registries, opens, looks, seesKeys: tellsChanges(line) };
}

/** Git commands in a person's own folder, within the time that a command has. */
function ownGit(
  steps: GitStep[],
  run: { command: string; directory: string },
  context: ToolCallAccess,
  { cut, rule }: { cut: ReturnType<ToolCallAccess['commands']['begin']>; rule: string },
): Promise<Finished> {
  const { limits } = context.state().created.config;
  const signal = AbortSignal.any([cut.signal, AbortSignal.timeout(limits.command_seconds * 1000)]);
  return runOwnGit(steps, run, context, { signal, rule }).finally(cut.done);
}

const readsOnly =
  'in this folder commands only read: nothing on this machine could keep them from what git obeys; change files by the tools for that';

function wordsOf({ command, directory }: { command: string; directory: string }) {
  return { command, directory };
}
