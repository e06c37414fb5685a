import type { Finding } from '../shell/finding.ts';
import type { Word } from '../shell/word.ts';

/** What the validator of a program says about one command, through these. */
export type Look = {
  /** It reads what this file holds. `itself`: of a link only where that leads to, as git does. */
  read(word: Word, how?: 'itself'): void;
  /** It asks only whether and what this file is, or lists names in it. */
  names(word: Word): void;
  /** `itself`: a link, and not what it leads to, as `rm` does. */
  write(word: Word, how?: 'itself'): void;
  /** `about` a program unless it is said otherwise: only that is allowed by a rule that names the words. */
  ask(risk: Finding['risk'], why: string, about?: Finding['about']): void;
  deny(why: string): void;
  /** It runs another command, in a process of its own. */
  run(words: Word[], how?: { names?: boolean }): void;
  /** Any of these words may begin another command that it runs, or be a line for a shell: those that matter are judged. */
  mayRun(words: Word[]): void;
  /** It has a shell run this text. */
  script(text: Word): void;
  /** It sets a variable for a program. */
  variable(name: string, value: Word): void;
  /** What rules are held against besides the words themselves. */
  canonical(words: Word[]): void;
  /** It prints names of files inside the work tree, and nothing else. */
  lists(): void;
  /** Whether standard input brings such names. */
  hasNames: boolean;
  /** What standard input is, when a here document of known text is given. */
  input: string | undefined;
  /** A text in another language, or a word of which nobody knows what it is: judged by the paths that stand in it, which it may write unless it only `reads`. */
  suspect(text: Word, how?: Suspicion): void;
};

/** `itself`: it may write it, but follows no link. */
export type Suspicion = 'reads' | 'may write' | 'itself';

/** Judges the arguments of a program. What it does not say anything against is allowed. */
export type Program = (args: Word[], look: Look, name: string) => void;
