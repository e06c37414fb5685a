/** What speaks against a command, or a part of it. */
export type Finding = {
  verdict: 'ask' | 'deny';
  risk: 'contained' | 'beyond';
  /** In words for a person. */
  why: string;
  /**
   * What it is about, and so which rule can allow it: the `program` and its arguments, a `path` that must be named, or
   * the `line` around the words, which no rule names.
   */
  about: 'program' | 'path' | 'line';
};

/** One simple command of a line, however deep it stands, with what was found about it. */
export type Part = {
  /** Words as far as they are known; without a name where only redirections or assignments stand. */
  words: string[];
  /** The same without what a program takes before its subcommand, for rules: `git -C x push` is `git push`. */
  canonical: string[];
  findings: Finding[];
  /** It stands in a text that may be a line for a shell, or words for a person: nothing is denied for it, but asked. */
  guessed?: true;
  /** Paths relative to the work tree's top where they lie in it, as written where not. */
  reads: string[];
  writes: string[];
  /** Those of `reads` of which only the names are asked, and not what the files hold. */
  names: string[];
  /** What may be a path in words of which nobody knows what they are, and of these what may be written. */
  perhaps: string[];
  perhapsWritten: string[];
  /** Paths inside the work tree as the system will be given them: `..` not yet taken out, for it goes up from where a link led. */
  given: GivenPath[];
};

/** `names`: only whether and what a file is, not what it holds. */
export type Access = 'read' | 'write' | 'names';
/**
 * `perhaps`: nobody knows whether it is a path; `mayWrite`: if so, whether it may be written. `itself`: where it is a link
 * that is what is meant, as for `rm`.
 */
export type GivenPath = { path: string; access: Access | 'perhaps'; mayWrite?: boolean; itself?: boolean };

export function newPart(words: string[]): Part {
  const found = { findings: [], reads: [], writes: [], names: [], perhaps: [], perhapsWritten: [], given: [] };
  return { words, canonical: words, ...found };
}
