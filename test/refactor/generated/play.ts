import { playedImport } from './import-play.ts';
import { playedMove } from './move-play.ts';
import { playedPattern } from './pattern-play.ts';
import type { Played } from './played.ts';
import { playedRename } from './rename-play.ts';

/** The kinds of goals, each as often as it stands here: renames need a language server, and find the most. */
const kinds = {
  rename: playedRename,
  move: playedMove,
  import: playedImport,
  pattern: playedPattern,
};
export type Kind = keyof typeof kinds;
const order: readonly Kind[] = ['rename', 'move', 'rename', 'move', 'import', 'rename', 'move', 'pattern'];

/** How goals of one kind ended. */
export type Ends = Record<Played['end'] | 'wrong' | 'decidable', number>;
export type PlayedMany = {
  counts: Partial<Record<Kind, Ends>>;
  /** Each wrong end. */
  wrong: string[];
  /** Each refusal of a goal whose answer is known. */
  refused: string[];
  /** Their share in all goals whose answer is known. */
  share: number;
};

/** The most of the decidable goals that may be refused. */
export const shareMax = 0.03;

/** Plays many goals, one after the other: `seed` gives the first, the next number the next. */
export async function playedMany({
  seed,
  amount,
  only,
}: {
  seed: number;
  amount: number;
  only?: Kind;
}): Promise<PlayedMany> {
  const result: PlayedMany = { counts: {}, wrong: [], refused: [], share: 0 };
  let decidable = 0;
  for (let index = 0; index < amount; index++) {
    const kind = only ?? order[index % order.length]!;
    const one = await kinds[kind](seed + index);
    result.counts[kind] ??= { complete: 0, named: 0, refused: 0, wrong: 0, decidable: 0 };
    const ends = result.counts[kind];
    ends[one.end] += 1;
    if (one.isDecidable) ends.decidable += 1;
    if (one.isDecidable) decidable += 1;
    if (one.wrong.length > 0) {
      ends.wrong += 1;
      result.wrong.push([one.title, ...one.wrong, one.said].join('\n  '));
    } else if (one.isDecidable && one.end !== 'complete') result.refused.push(`${one.title}\n  ${one.said}`);
  }
  result.share = decidable === 0 ? 0 : result.refused.length / decidable;
  return result;
}
