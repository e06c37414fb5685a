import type { Finding } from '../shell/finding.ts';
import type { Word } from '../shell/word.ts';
import type { RuleKind } from '../verdict.ts';

/** The calls by which the validator of a program reports on one command. */
export type Look = {
  /** The command reads this file's content. `itself`: of a link only its target's path, as git does. */
  read(word: Word, how?: 'itself'): void;
  /** The command only tests for this file or its kind, or lists names in it. */
  names(word: Word): void;
  /** `itself`: a link, and not what it leads to, as `rm` does. */
  write(word: Word, how?: 'itself'): void;
  /** `about` is the program by default: only a finding about the program is allowed by a rule that names the words. */
  ask(risk: Finding['risk'], why: string, about?: Finding['about'], kind?: RuleKind): void;
  deny(why: string): void;
  /** The command destroys these files or folders. `names`: of those below the word, only files with such a name. */
  destroys(words: Word[], why: string, how?: { names?: Word | undefined; risk?: Finding['risk'] }): void;
  /** The command fetches packages from this registry, by its name: `npm`. */
  fetches(registry: string, what: string): void;
  /** Whether a path is inside the work tree, or in a folder of the system whose files may be read. */
  isKnown(word: Word): boolean;
  /** It runs another command, in a process of its own. */
  run(words: Word[], how?: { names?: boolean }): void;
  /** Any of these words may begin another command that it runs, or be a line for a shell: those that matter are judged. */
  mayRun(words: Word[]): void;
  /** It has a shell run this text. */
  script(text: Word): void;
  /** It sets a variable for a program. */
  variable(name: string, value: Word): void;
  /** Words that rules are compared with, besides the line's own. */
  canonical(words: Word[]): void;
  /** It prints names of files inside the work tree, and nothing else. */
  lists(): void;
  /** Whether standard input brings such names. */
  hasNames: boolean;
  /** The text of standard input, when a here document of known text gives it. */
  input: string | undefined;
  /**
   * A text in another language, or a word of unknown meaning: judged by the paths that stand in it, which it may write
   * unless it only `reads`.
   */
  suspect(text: Word, how?: Suspicion): void;
};

/** `itself`: the command may write the path, but follows no link. */
export type Suspicion = 'reads' | 'may write' | 'itself';

/** Judges the arguments of a program. Arguments without a finding are allowed. */
export type Program = (args: Word[], look: Look, name: string) => void;
