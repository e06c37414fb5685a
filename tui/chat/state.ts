import { type Composer, newComposer } from './composer.ts';
import type { Entry } from './transcript.ts';

/** Chat view: scroll position, folds, composer and menu of a conversation. It holds no facts; every change makes a new one. */
export type ChatView = {
  composer: Composer;
  /** The half-written message from before a question; it comes back after the answer. */
  aside: Composer | null;
  /** How far it is scrolled back, in lines from the end. */
  back: number;
  /** The lowest line that is seen while it is scrolled back: it stays where it is when something comes. */
  anchor: { entry: Entry; line: number } | null;
  unfolded: ReadonlySet<Entry>;
  /** Everything is unfolded that is not in `unfolded`, which then holds what is folded. */
  inverted: boolean;
  /** The entry that Enter folds and unfolds while nothing is being written. */
  chosen: Entry | null;
  /** Completions of the word under the cursor. */
  completion: Completion | null;
  list: List | null;
  help: boolean;
  /** Said at the bottom until the next key. */
  message: string;
  /** Ctrl+C was pressed once; the next one leaves. */
  leaves: boolean;
};
export type Completion = { from: number; items: { text: string; about: string }[]; at: number };
/** Something to be chosen: an answer to `name` with the chosen `value`. */
export type List = { name: string; title: string; items: { value: string; text: string }[]; at: number };

export function firstChatView(history: readonly string[]): ChatView {
  return {
    ...{
      composer: newComposer(history),
      aside: null,
      back: 0,
      anchor: null,
      unfolded: new Set<Entry>(),
      inverted: false,
    },
    ...{ chosen: null, completion: null, list: null, help: false, message: '', leaves: false },
  };
}

export function isUnfolded({ unfolded, inverted }: ChatView, entry: Entry): boolean {
  return unfolded.has(entry) !== inverted;
}

export function toggled(view: ChatView, entry: Entry): ChatView {
  const unfolded = new Set(view.unfolded);
  if (!unfolded.delete(entry)) unfolded.add(entry);
  return { ...view, unfolded };
}
