import { statSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Fault } from '../../ipc/fault.ts';
import { packageVersion } from '../../orchestrator/environment/package-version.ts';
import {
  type Act,
  type CommandProcess,
  emitEnd,
  type Outcome,
  openSession,
  type SessionParts,
  tellFault,
} from '../session.ts';
import { addBackground, collect, type Register } from './background.ts';
import { addConversations } from './conversation.ts';
import { addSecurity } from './security.ts';

const exitCodes = `
Exit codes: 0 done and every check passed · 1 finished with failed or parked tasks · 2 bad usage or configuration
            3 waiting for a person · 4 stopped by a limit · 130 interrupted, resumable`;

/** Parses the words of a call, carries it out and returns the exit code. Never throws. */
export async function runCli(words: string[], parts: SessionParts): Promise<number> {
  // What follows `--` is not said to us.
  const ours = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const wantsJson = ours.includes('--json');
  const session = openSession(parts, wantsJson);
  const debug = Boolean(parts.place.environment.VTCODE_DEBUG);
  let outcome: Outcome = { exitCode: 0 };
  const program = buildProgram(
    (act) =>
      async (...given: unknown[]) => {
        const command = given.at(-1) as Command;
        const options = command.optsWithGlobals();
        requireFolder(String(options.C ?? '.'));
        outcome = await act(session, options, command.args);
      },
    parts.process,
  );
  try {
    await program.parseAsync(words, { from: 'user' });
    if (streams.has(words[0] ?? '') && !outcome.isDocument) emitEnd(session, outcome, null);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageFault(error) : error;
    const known = (failure as { outcome?: Outcome }).outcome;
    const fault = tellFault(session, failure, debug);
    outcome = known ?? { exitCode: fault.exitCode };
    emitEnd(session, outcome, fault);
  } finally {
    await parts.early?.abandon();
  }
  return outcome.exitCode;
}

/** Commands whose `--json` output is a stream of events with an end; the others print one document. */
const streams = new Set('run retry ask resume restart log logs attach audit undo apply approve stop pause'.split(' '));

function requireFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new Fault('usage', `${folder} is not a folder.`, { advice: 'Give an existing folder with -C.' });
}

function usageFault(error: CommanderError): Fault {
  // Commander's own word for this case is for programs.
  if (error.code === 'commander.help')
    return new Fault('usage', 'What is to be done is missing.', {
      advice:
        'Say for example: vtcode run "fix the failing test", or at a terminal just vtcode. vtcode --help lists all.',
    });
  return new Fault('usage', error.message.replace(/^error: /, ''), {
    advice: 'Run `vtcode --help` for the list of commands.',
  });
}

function buildProgram(wrap: (act: Act) => (...given: unknown[]) => Promise<void>, { stdout }: CommandProcess): Command {
  const program = new Command('vtcode');
  program
    .description('An orchestrator of coding agents: plans a large change, works it in parallel, checks and merges it.')
    .version(`vtcode ${packageVersion()}`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: () => {} })
    .showSuggestionAfterError(true)
    .addHelpText('after', exitCodes);
  const command: Register = (words, description, load) => {
    const made = program.command(words).description(description).exitOverride();
    made.option('-C <dir>', 'work as if started in this folder', '.').option('--json', 'speak JSON');
    made.action(wrap(async (...given) => (await load()).default(...given)));
    return made;
  };
  const hidden = (words: string, load: () => Promise<{ default: Act }>) =>
    program.command(words, { hidden: true }).action(wrap(async (...given) => (await load()).default(...given)));
  addWork(command);
  addConversations(command);
  addSecurity(command);
  addResults(command);
  addBackground(command, hidden);
  return program;
}

/** The commands that start work on a run or go on with it. */
function addWork(command: Register): void {
  command(
    'run',
    'work on a goal: one agent here, or with --plan many in work trees',
    () => import('../commands/run.ts'),
  )
    .argument('[goal]', 'with --plan-file: not needed')
    .option('--image <file>', 'without a plan: show the agent this image too; may be given again', collect)
    .option('--worktree', 'without a plan: one agent in a work tree of its own, checked and merged onto a branch')
    .option('--plan [goal]', 'plan the goal as tasks, work them in parallel, check and merge each')
    .option('--plan-file <file>', 'work this plan instead of making one')
    .option('--save-plan <file>', 'write the plan to this file (with --dry-run: and stop there)')
    .option('-y, --yes', 'accept the plan without asking')
    .option('--dry-run', 'make and show the plan, then stop')
    .option('--no-checks', 'run no checks: the result is UNVERIFIED')
    .option('--accept-unplaced', 'go on although some places could not be decided; they are reported')
    .option('--take-unplaced', 'a rename: change the places that could not be decided too')
    .option('--text', 'a rename: change the name in strings, comments and documents too')
    .option('--include-dirty', 'start from the uncommitted state instead of HEAD')
    .option('--ask', 'calls that no rule allows wait for vtcode approve, also without a terminal')
    .option('--auto', 'allow calls that no rule allows where the sandbox contains them; ask about the rest')
    .option('--read-only', 'write no file and run no command')
    .option('--detach', 'work in the background: print the id and return at once')
    .option('--name <name>', 'a name for the run, to be used like its id')
    .addHelpText('after', exitCodes);
  command(
    'ask <question>',
    'answer a question about the folder; nothing is changed',
    () => import('../commands/ask.ts'),
  ).option('--image <file>', 'show it this image too; may be given again', collect);
  command('resume <run>', 'go on with an interrupted or waiting run', () => import('../commands/resume.ts')).option(
    '-y, --yes',
    'accept the plan if it waits',
  );
}

/** The commands that look at runs and at what became of them, and those about this machine. */
function addResults(command: Register): void {
  command('list', 'list the runs on this machine', () => import('../commands/list.ts')).option(
    '-a, --all',
    'runs of every repository',
  );
  command('show <run>', 'show what became of a run', () => import('../commands/show.ts')).option(
    '--sites',
    'every place of a mechanical goal: to change, of another symbol, text, undecided',
  );
  command('apply <run>', 'merge the work of a run into the branch you are on', () => import('../commands/apply.ts'));
  command(
    'retry <run> [task]',
    "try a run's parked tasks again, on top of what it has merged",
    () => import('../commands/retry.ts'),
  ).option('--detach', 'work in the background: print the id and return at once');
  command(
    'undo <run> <task>',
    "take a task and what depends on it out of the run's branch",
    () => import('../commands/undo.ts'),
  );
  command('rm <run>', 'remove a run and its files; its branch stays', () => import('../commands/rm.ts')).option(
    '--force',
    'also one with unfinished work that is kept nowhere else',
  );
  command('gc', 'remove what is left of ended runs and unused repositories', () => import('../commands/gc.ts'));
  command(
    'models',
    'list the models that can be asked now, and why others cannot',
    () => import('../commands/models.ts'),
  );
  command('doctor', 'show what this machine can do and what is missing', () => import('../commands/doctor.ts'));
}
