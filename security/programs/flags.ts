import { basename } from 'node:path/posix';
import { anything, isLiteral, mayBeFlag, shown, type Word } from '../shell/word.ts';
import type { Look, Program } from './look.ts';

/**
 * The kind of a value or an argument: text, a path, the name of a program, a shell line; a page, which is a path if it holds
 * a slash; code in which paths may stand.
 */
export type Use = 'text' | 'read' | 'write' | 'names' | 'program' | 'script' | 'page' | 'code';

/** A program as data. Lists of flags are words in one string: `-a -l --all`. */
export type Spec = {
  /** Flags without a value that change nothing that matters. */
  flags?: string;
  /** Every flag that is not named here is harmless, in every version of the program. */
  anyFlag?: true;
  /** Flags with a value, and what the value is. Names that mean the same stand in one string. */
  valued?: Record<string, Use>;
  /** Flags that need a person, and why. */
  asks?: Record<string, string>;
  /** Flags that need what the walls do not give, and why. */
  beyond?: Record<string, string>;
  /** The kinds of the arguments, in order; the last repeats. Without it: files that are read. */
  words?: Use[];
  /** Of two words one may be a folder: then it takes the file there that has the other's name. */
  pairs?: true;
  /** The effects that the program has in any case. */
  effect?: ['contained' | 'beyond', string];
  /** It prints names of files inside, or lets such names through. */
  lists?: 'always' | 'passes';
  /** Of a program that lets names through: flags by which it cuts them. */
  cuts?: RegExp;
};

type Meaning = { value?: Use; ask?: string; beyond?: string };

/** A program made of data. */
export function program(spec: Spec): Program {
  return (args, look) => {
    const meanings = meaningsOf(spec);
    if (spec.effect) look.ask(...spec.effect);
    const words = readFlags(args, look, spec, meanings);
    const uses = spec.words ?? ['read'];
    for (const [at, word] of words.entries()) use(uses[Math.min(at, uses.length - 1)] ?? 'text', word, look);
    const [left = '', right = ''] = words;
    if (spec.pairs && words.length === 2 && !words.some((word) => /^[/~-]/.test(word)))
      for (const path of [`${left}/${basename(right)}`, `${right}/${basename(left)}`]) look.read(path);
    const showsHidden = args.some((arg) => /^-[a-zA-Z]*[aAf]|^--al/.test(arg));
    // Cut in the middle of a name, it is another one.
    const cuts = spec.cuts?.test(args.join(' ')) === true;
    if (
      (spec.lists === 'always' && !showsHidden) ||
      (spec.lists === 'passes' && look.hasNames && words.length < 2 && !cuts)
    )
      look.lists();
  };
}

/** Removes the flags of a spec, notes the objections to them, and answers the other words. */
export function parse(spec: Spec, args: Word[], look: Look): Word[] {
  return readFlags(args, look, spec, meaningsOf(spec));
}

/** The values of some flags of a spec, in their order, as the program reads its arguments. Notes no objections. */
export function valuesOf(spec: Spec, args: Word[], flags: string): Word[] {
  const wanted = new Set(flags.split(' '));
  const found: Word[] = [];
  const meanings = new Map(meaningsOf(spec));
  for (const name of wanted) meanings.set(name, { ...meanings.get(name), value: 'script' });
  const deaf = new Proxy({} as Look, { get: () => () => {} });
  readFlags(args, deaf, spec, meanings, (name, value) => wanted.has(name) && found.push(value));
  return found;
}

const cache = new WeakMap<Spec, Map<string, Meaning>>();

function meaningsOf(spec: Spec): Map<string, Meaning> {
  const known = cache.get(spec);
  if (known) return known;
  const meanings = new Map<string, Meaning>();
  const each = (names: string, meaning: Meaning) => {
    for (const name of names.split(' ')) if (name !== '') meanings.set(name, { ...meanings.get(name), ...meaning });
  };
  each(spec.flags ?? '', {});
  for (const [names, value] of Object.entries(spec.valued ?? {})) each(names, { value });
  for (const [names, ask] of Object.entries(spec.asks ?? {})) each(names, { ask });
  for (const [names, beyond] of Object.entries(spec.beyond ?? {})) each(names, { beyond });
  cache.set(spec, meanings);
  return meanings;
}

type Heard = (name: string, value: Word) => void;

function readFlags(
  args: Word[],
  look: Look,
  spec: Spec,
  meanings: Map<string, Meaning>,
  heard: Heard = () => {},
): Word[] {
  const words: Word[] = [];
  // Where no flag is harmful it does not matter whether a name is taken for one.
  const fearless = spec.anyFlag && ![...meanings.values()].some(isHarmful);
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (arg === '--') return [...words, ...args.slice(at + 1)];
    if (arg === '-' || !mayBeFlag(arg)) words.push(arg);
    else if (!arg.startsWith('-')) {
      if (!fearless) look.ask('contained', `${shown(arg)} could be taken for a flag; write ./ before it`);
      words.push(arg);
    } else if (arg.startsWith('--')) at += long(arg, args[at + 1], look, spec, meanings, heard);
    else at += short(arg, args[at + 1], look, spec, meanings, heard);
  }
  return words;
}

function isHarmful({ value, ask, beyond }: Meaning): boolean {
  return (
    ask !== undefined ||
    beyond !== undefined ||
    value === 'write' ||
    value === 'program' ||
    value === 'script' ||
    value === 'page'
  );
}

/** Answers how many further words it took. */
function long(
  arg: Word,
  next: Word | undefined,
  look: Look,
  spec: Spec,
  meanings: Map<string, Meaning>,
  heard: Heard,
): number {
  const equals = arg.indexOf('=');
  const name = equals === -1 ? arg : arg.slice(0, equals);
  const value = equals === -1 ? undefined : arg.slice(equals + 1);
  const found = meanings.get(name);
  if (!found) {
    // Most programs take the beginning of a flag's name for the flag.
    const meant = [...meanings].filter(([other]) => other.startsWith(name) && other.startsWith('--'));
    const worst =
      meant.find(([, meaning]) => isHarmful(meaning)) ?? meant.find(([, meaning]) => meaning.value === 'read');
    if (worst) return apply(worst[0], worst[1], value, next, look, heard);
    if (!spec.anyFlag || !isLiteral(name)) look.ask('contained', `nothing is known of its flag ${shown(name)}`);
    if (value !== undefined) look.suspect(value);
    return 0;
  }
  return apply(name, found, value, next, look, heard);
}

function short(
  arg: Word,
  next: Word | undefined,
  look: Look,
  spec: Spec,
  meanings: Map<string, Meaning>,
  heard: Heard,
): number {
  const whole = meanings.get(arg);
  if (whole && arg.length > 2) return apply(arg, whole, undefined, next, look, heard);
  for (let at = 1; at < arg.length; at += 1) {
    const name = `-${arg[at]}`;
    const found = meanings.get(name);
    const rest = arg.slice(at + 1);
    if (!found) {
      // A number among short flags (`-2e`) counts lines; flags may follow it.
      if (/^-\d/.test(name)) continue;
      if (!spec.anyFlag || !isLiteral(name)) look.ask('contained', `nothing is known of its flag ${shown(name)}`);
      if (rest !== '') look.suspect(rest);
      if (!spec.anyFlag) return 0;
    } else if (found.value !== undefined) return apply(name, found, rest === '' ? undefined : rest, next, look, heard);
    else apply(name, found, undefined, undefined, look, heard);
  }
  return 0;
}

function apply(
  name: string,
  meaning: Meaning,
  value: Word | undefined,
  next: Word | undefined,
  look: Look,
  heard: Heard,
): number {
  if (meaning.ask !== undefined) look.ask('contained', `${name} ${meaning.ask}`);
  if (meaning.beyond !== undefined) look.ask('beyond', `${name} ${meaning.beyond}`);
  if (meaning.value === undefined) {
    if (value !== undefined) look.suspect(value);
    return 0;
  }
  const given = (value ?? next ?? anything).replace(/^=/, '');
  heard(name, given);
  use(meaning.value, given, look);
  return value === undefined ? 1 : 0;
}

export function use(kind: Use, word: Word, look: Look) {
  switch (kind) {
    case 'text':
      return;
    case 'read':
      if (word !== '-') look.read(word);
      return;
    case 'names':
      return look.names(word);
    case 'write':
      if (word !== '-') look.write(word);
      return;
    case 'program':
      return look.ask('contained', `it runs ${shown(word)}`);
    case 'script':
      return look.script(word);
    case 'page':
      return word.includes('/') ? look.read(word) : undefined;
    case 'code':
      return look.suspect(word, 'reads');
  }
}
