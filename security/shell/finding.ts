import type { RuleKind } from '../verdict.ts';

/** An objection to a command, or to a part of it. */
export type Finding = {
  verdict: 'ask' | 'deny';
  risk: 'contained' | 'beyond';
  /** In words for a person. */
  why: string;
  /**
   * The subject of the objection, which decides which rule can allow it: the `program` and its arguments, a `path` that
   * must be named, or the `line` around the words, which no rule names.
   */
  about: 'program' | 'path' | 'line';
  /** The subject in the terms of a verdict; absent: the program itself. */
  kind?: RuleKind;
  /**
   * The objection is that these files would be lost: with a save that can bring them back it is `contained`. Relative to
   * the work tree's top; a wildcard stands for any characters, also `/`.
   */
  destroys?: string[];
  /** The objection is that it needs this package registry, by its name: `npm`. */
  registry?: string;
  /** The objection is that this path with wildcards may mean files that hold secrets. */
  pattern?: string;
};

/** One simple command of a line, however deep it stands, with what was found about it. */
export type Part = {
  /** Words as far as they are known; without a name where only redirections or assignments stand. */
  words: string[];
  /** For rules: the words without the flags before the subcommand. `git -C x push` is `git push`. */
  canonical: string[];
  findings: Finding[];
  /** It runs nothing, or a program that only shows what there is. */
  looks: boolean;
  /** The command stands in a text for a shell or for a person, which is not known: it is asked, never denied. */
  guessed?: true;
  /** Paths relative to the work tree's top where they lie in it, as written where not. */
  reads: string[];
  writes: string[];
  /** The paths of `reads` whose names are used, but not their content. */
  names: string[];
  /** Possible paths in words of unknown meaning, and of these the ones that may be written. */
  perhaps: string[];
  perhapsWritten: string[];
  /** Paths inside the work tree as the system will be given them: `..` not yet taken out, for it goes up from where a link led. */
  given: GivenPath[];
};

/** `names`: the command asks for a file's existence or kind, not for its content. */
export type Access = 'read' | 'write' | 'names';
/**
 * `perhaps`: the word may be no path; `mayWrite`: if it is one, whether it may be written. `itself`: a link means the
 * link, not its target, as for `rm`.
 */
export type GivenPath = { path: string; access: Access | 'perhaps'; mayWrite?: boolean; itself?: boolean };

export function newPart(words: string[]): Part {
  const found = {
    findings: [],
    looks: true,
    reads: [],
    writes: [],
    names: [],
    perhaps: [],
    perhapsWritten: [],
    given: [],
  };
  return { words, canonical: words, ...found };
}
