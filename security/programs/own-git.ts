import type { Command, Script, SyntaxNode, Word, WordPart } from 'unbash';
import { parseLine } from '../shell/parse.ts';

/** One git command of a line, or a change of folder before it; `ifBefore`: it runs only if the one before succeeded. */
export type GitStep = { ifBefore: boolean } & ({ kind: 'git'; args: string[] } | { kind: 'cd'; directory: string });

/** Subcommands by which git writes its own folder: index, branches, commits. */
const writing = new Set(
  'add commit branch checkout switch restore stash rm mv tag merge rebase cherry-pick revert reset'.split(' '),
);
const looking = new Set(
  'status diff log show branch rev-parse ls-files blame describe shortlog remote stash tag'.split(' '),
);

/** Flags that name another repository, program, setting or file of a message outside. */
const elsewhere =
  /^(--git-dir|--work-tree|--exec-path|--namespace|--config-env|--super-prefix|-c|-C|--upload-pack|--template|--exec|-x|--pathspec-from-file|--file|-F|--strategy|-s\S|--interactive|--patch|-i|-p|--edit-description)(=|$)/;

/**
 * The steps of a line that consists of plain git commands of which one writes git's own folder, with `cd` between them;
 * null for any other line. Every word must be known, and no output may go elsewhere: what is run is what was shown.
 */
export function ownGitSteps(line: string): GitStep[] | null {
  if (!line.includes('git')) return null;
  const script = parseLine(line);
  if ((script.errors ?? []).length > 0) return null;
  const steps = stepsOf(script);
  if (steps === null || !steps.some((step) => step.kind === 'git' && writing.has(step.args[0] ?? ''))) return null;
  return steps;
}

function stepsOf(script: Script): GitStep[] | null {
  const steps: GitStep[] = [];
  for (const statement of script.commands) {
    if (statement.background) return null;
    const { command } = statement;
    const isList = command.type === 'AndOr';
    if (isList && command.operators.some((operator) => operator !== '&&')) return null;
    for (const [at, node] of (isList ? command.commands : [command]).entries()) {
      const step = stepOf(node, at > 0);
      if (step === null) return null;
      steps.push(step);
    }
  }
  return steps;
}

function stepOf(node: SyntaxNode, ifBefore: boolean): GitStep | null {
  const command =
    node.type === 'Pipeline' && node.commands.length === 1 && node.prefixes.length === 0 ? node.commands[0]! : node;
  if (command.type !== 'Command' || command.prefix.length > 0 || command.redirects.length > 0) return null;
  const words = wordsOf(command);
  if (words === null) return null;
  const [name, ...rest] = words;
  if (name === 'cd' && rest.length === 1 && !rest[0]!.startsWith('-'))
    return { ifBefore, kind: 'cd', directory: rest[0]! };
  const args = rest.filter((word, at) => !(word === '--no-pager' && at === 0));
  if (name !== 'git' || !(writing.has(args[0] ?? '') || looking.has(args[0] ?? ''))) return null;
  return args.some((word) => elsewhere.test(word)) ? null : { ifBefore, kind: 'git', args };
}

function wordsOf({ name, suffix }: Command): string[] | null {
  const words = [name, ...suffix].map((word) => (word?.type === 'Word' ? textOf(word) : null));
  return words.every((word) => word !== null) ? words : null;
}

/** The text of a word of which every character is known: literal, quoted, or a here document that `cat` prints. */
function textOf(word: Word): string | null {
  if (!word.parts) return /^~|[*?[{]/.test(word.text) ? null : word.value;
  const texts = word.parts.map(partOf);
  return texts.every((text) => text !== null) ? texts.join('') : null;
}

function partOf(part: WordPart): string | null {
  if (part.type === 'Literal' || part.type === 'SingleQuoted') return part.value;
  if (part.type === 'DoubleQuoted') {
    const texts = part.parts.map(partOf);
    return texts.every((text) => text !== null) ? texts.join('') : null;
  }
  return part.type === 'CommandExpansion' ? printed(part.script) : null;
}

/** `$(cat <<'EOF' … EOF)`: how models write messages of several lines. */
function printed(script: Script | undefined): string | null {
  const command = script?.commands.length === 1 ? script.commands[0]?.command : undefined;
  if (command?.type !== 'Command' || command.name?.text !== 'cat' || command.suffix.some(({ type }) => type === 'Word'))
    return null;
  const [text, more] = command.redirects;
  if (more || text?.type !== 'HereDoc' || !text.closing) return null;
  const isPlain = text.delimiter?.quoted || !text.body.parts || text.body.parts.every(({ type }) => type === 'Literal');
  return isPlain ? text.body.text.replace(/\n+$/, '') : null;
}
