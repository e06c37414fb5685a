import type { RuleKind, Verdict } from '../../security/verdict.ts';

/**
 * The next step of a refused agent: one line below the reason, so that the model goes on instead of trying the same in
 * other words. Chosen by the kind of the rule, never by its text. Pure.
 */
export type RefusedBy = 'rule' | 'nobody' | 'person';

/** `hosts`: those that commands reach. `scope`: null outside a plan. `twin`: a file inside that may be meant. */
export type StepFacts = { hosts: string[]; scope: string[] | null; twin: string | null };

export function nextStep({ kind, risk }: Pick<Verdict, 'kind' | 'risk'>, by: RefusedBy, facts: StepFacts): string {
  if (by === 'person') return 'Do not try it in other words: go on without it, or say why the work needs it.';
  if (kind) return steps[kind](facts, by);
  if (risk === 'contained')
    return 'Use the tools for files, or commands that read, build and test; or say in your answer which command the person should run.';
  return 'Leave it to the person: say in your answer which command to run, and why.';
}

const steps: Record<RuleKind, (facts: StepFacts, by: RefusedBy) => string> = {
  only_reads: () =>
    'Look with commands and tools that change nothing; say in your answer what is to be changed or run.',
  outside: ({ twin }, by) => {
    if (twin !== null) return `Use ${twin}, which is inside the work tree.`;
    const ask =
      by === 'nobody' ? 'only a person could allow a path outside, and none is there' : 'paths outside stay closed';
    return `Work with paths inside the work tree: ${ask}. If the work needs it, name the path in your answer.`;
  },
  git_folder: () =>
    'Read the history with git status, diff, log and show; say in your answer what git should do beyond that.',
  keys: () => 'Go on without its content: the code that reads it, or an example file, tells the names of its keys.',
  scope: ({ scope }) =>
    `Solve it inside your scope (${(scope ?? ['**']).join(' ')}). If the task needs this file, finish with outcome cannot and name it.`,
  instructs: () => 'Leave this file as it is, and say in your answer what should stand in it.',
  checks: () => 'Leave the checks as they are and mend the code; if a check itself is wrong, say so in your answer.',
  network: ({ hosts }) =>
    hosts.length > 0
      ? `Commands reach only these hosts: ${hosts.join(', ')}. Use them or what is installed, or say in your answer which command the person should run.`
      : 'Commands have no network: use what is installed, or say in your answer which command the person should run.',
  command_rule: () =>
    'The person wants to decide on this command, however it is written: go on without it, and name it in your answer.',
  path_rule: () =>
    'The person keeps this path closed: go on without it, and name it in your answer if the work needs it.',
  unknown_words: () => 'Write program and paths out, without $(…), variables and wildcards, so that it can be judged.',
  unheld: () =>
    'This machine cannot hold commands as the policy wants, so each is asked for: use the tools for files and searches instead.',
};

/**
 * A file inside the work tree that a path outside may mean: the longest end of the path that exists inside. `exists`
 * takes a relative path.
 */
export function twinInside(path: string, exists: (relative: string) => boolean): string | null {
  const names = path.split('/').filter((name) => name !== '' && name !== '.' && name !== '..' && name !== '~');
  // A lone name is found by chance too often; a whole short path is meant.
  const least = names.length === 1 ? 1 : 2;
  for (let from = 0; names.length - from >= least; from += 1) {
    const relative = names.slice(from).join('/');
    if (exists(relative)) return relative;
  }
  return null;
}
