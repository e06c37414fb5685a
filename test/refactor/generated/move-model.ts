import type { Way } from './move-resolver.ts';

/** The duty of a move towards a reference, when its target, or the file that it stands in, moves. */
export type Need =
  /** It is certain where it leads: it has to lead there afterwards, too. */
  | 'follow'
  /** A string that may be a path: it still leads there, or its line is told as unplaced. */
  | 'tell'
  /** A comment or a document: it stays as it is. */
  | 'text'
  /** A list that takes every source below the folder: it still does, or its line is told. */
  | 'list'
  /** A package that the nearest package.json lists: it still does, or the line is told. */
  | 'listed';

export type Reference = { target: string; text: string; way: Way; need: Need };
export type Part = string | Reference;

/** A repository before a move, and where everything has to be afterwards. */
export type MoveCase = {
  title: string;
  files: Record<string, Part[]>;
  /** Symbolic links, by path: where they lead from their own folder. */
  links: Record<string, string>;
  from: string;
  to: string;
  /** Old path → new path of each file that moves. */
  moved: ReadonlyMap<string, string>;
  folder: { from: string; to: string } | undefined;
  /** The move must be refused: there is something at its place. */
  isImpossible: boolean;
};

/** `parts\`import '${reference}';\`` */
export function parts(strings: TemplateStringsArray, ...values: (Part | readonly Part[])[]): Part[] {
  return strings.flatMap((text, index) => [text, ...[values[index] ?? []].flat()]);
}

export const textOf = (list: readonly Part[]): string =>
  list.map((one) => (typeof one === 'string' ? one : one.text)).join('');

export function reference(target: string, text: string, way: Way, need: Need): Reference {
  return { target, text, way, need };
}

/** The configuration's own: a path beside the file that follows. */
export const setting = (target: string, text = `./${target}`): Reference => reference(target, text, 'beside', 'follow');
/** A path from the top of the repository, in a text that is not read as code. */
export const told = (target: string, text = target): Reference => reference(target, text, 'root', 'tell');
export const prose = (target: string, text = target): Reference => reference(target, text, 'root', 'text');
