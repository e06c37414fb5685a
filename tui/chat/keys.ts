import { accept, complete, type Sources } from './complete.ts';
import { edit, insert, newComposer, sent } from './composer.ts';
import { type ChatView, toggled } from './state.ts';
import type { Entry } from './transcript.ts';

/** An effect of a key beside a new view. */
export type ChatEffect =
  | { kind: 'send'; text: string }
  | { kind: 'background'; text: string }
  | { kind: 'chosen'; name: string; value: string }
  | { kind: 'interrupt' }
  | { kind: 'leave' };
export type ChatPressed = { view: ChatView; effect: ChatEffect | null };

/** The screen at the time of a key: entries that fold, oldest first, lines of a page, and whether the agent works. */
export type ChatSeen = { foldable: Entry[]; page: number; isBusy: boolean; sources: Sources };

/** The view and the effect after a key in a conversation. Pure. */
export function pressInChat(before: ChatView, name: string, text: string, seen: ChatSeen): ChatPressed {
  const view = { ...before, message: '', leaves: false };
  const only = (next: ChatView): ChatPressed => ({ view: next, effect: null });
  if (view.help) return only({ ...view, help: false });
  if (view.list) return inList(view, name);
  const moved = scrolled(view, name, seen);
  if (moved) return only(moved);
  switch (name) {
    case 'f1':
      return only({ ...view, help: true });
    case 'C-c':
      if (seen.isBusy) return { view, effect: { kind: 'interrupt' } };
      if (view.composer.text !== '')
        return only({ ...view, composer: newComposer(view.composer.history), completion: null });
      if (before.leaves) return { view, effect: { kind: 'leave' } };
      return only({ ...view, leaves: true, message: 'Ctrl+C once more leaves; the conversation is kept.' });
    case 'escape':
      return escaped(view, seen);
    case 'C-d':
      if (view.composer.text === '') return { view, effect: { kind: 'leave' } };
      break;
    case 'C-o':
      return only({ ...view, inverted: !view.inverted, unfolded: new Set<Entry>() });
    case 'C-b': {
      const { text: words } = view.composer;
      return {
        view: { ...view, composer: sent(view.composer), completion: null },
        effect: { kind: 'background', text: words },
      };
    }
    case 'M-up':
    case 'M-p':
    case 'M-down':
    case 'M-n':
      return only(choose(view, name === 'M-up' || name === 'M-p' ? -1 : 1, seen));
  }
  if (view.completion) {
    const inCompletion = completing(view, name);
    if (inCompletion) return inCompletion;
  }
  if (name === 'return') return entered(view);
  const composer = edit(view.composer, name, text);
  return only(composer ? { ...view, composer, chosen: null, completion: complete(composer, seen.sources) } : view);
}

/** Pasted text goes into the composer; nothing of it counts as a key. */
export function pasteInChat(view: ChatView, text: string): ChatView {
  return { ...view, composer: insert(view.composer, text), completion: null, message: '' };
}

function scrolled(view: ChatView, name: string, { page }: ChatSeen): ChatView | null {
  const steps: Record<string, number> = { pageup: page, pagedown: -page, 'S-up': 1, 'S-down': -1, 'C-home': Infinity };
  if (name === 'C-end') return { ...view, back: 0, anchor: null };
  const step = steps[name];
  return step === undefined ? null : scrollBy(view, step);
}

/** So many lines back, or forth. The frame puts right what goes beyond an end. */
export function scrollBy(view: ChatView, lines: number): ChatView {
  return { ...view, back: Math.max(0, Math.min(1e9, view.back + lines)), anchor: null };
}

function escaped(view: ChatView, seen: ChatSeen): ChatPressed {
  if (view.completion) return { view: { ...view, completion: null }, effect: null };
  if (view.chosen) return { view: { ...view, chosen: null }, effect: null };
  return seen.isBusy
    ? { view, effect: { kind: 'interrupt' } }
    : { view: { ...view, back: 0, anchor: null }, effect: null };
}

function choose(view: ChatView, step: number, { foldable }: ChatSeen): ChatView {
  if (foldable.length === 0) return { ...view, message: 'There is nothing to unfold yet.' };
  const at = view.chosen ? foldable.indexOf(view.chosen) : foldable.length;
  const chosen = foldable[Math.max(0, Math.min(foldable.length - 1, at + step))] ?? null;
  return { ...view, chosen, message: 'Enter folds and unfolds it, Escape lets go.' };
}

/** Enter sends what was written; after a backslash it goes on in the next line. */
function entered(view: ChatView): ChatPressed {
  const { composer, chosen } = view;
  if (composer.text === '' && chosen) return { view: toggled(view, chosen), effect: null };
  if (composer.text.slice(0, composer.at).endsWith('\\')) {
    const { text, at } = composer;
    return {
      view: { ...view, composer: { ...composer, text: `${text.slice(0, at - 1)}\n${text.slice(at)}` } },
      effect: null,
    };
  }
  if (composer.text.trim() === '') return { view, effect: null };
  const next = { ...view, composer: sent(composer), completion: null, chosen: null, back: 0, anchor: null };
  return { view: next, effect: { kind: 'send', text: composer.text.trim() } };
}

function completing(view: ChatView, name: string): ChatPressed | null {
  const { completion, composer } = view;
  if (!completion) return null;
  const { at, items } = completion;
  if (name === 'up' || name === 'down') {
    const next = (at + (name === 'up' ? items.length - 1 : 1)) % items.length;
    return { view: { ...view, completion: { ...completion, at: next } }, effect: null };
  }
  const isWritten = composer.text.slice(completion.from, composer.at) === items[at]?.text;
  if (name !== 'tab' && !(name === 'return' && !isWritten)) return null;
  return { view: { ...view, composer: accept(composer, completion), completion: null }, effect: null };
}

function inList(view: ChatView, name: string): ChatPressed {
  const { list } = view;
  if (!list) return { view, effect: null };
  if (name === 'escape' || name === 'C-c' || name === 'q') return { view: { ...view, list: null }, effect: null };
  const step = { up: -1, k: -1, 'C-p': -1, down: 1, j: 1, 'C-n': 1, pageup: -10, pagedown: 10 }[name];
  if (step !== undefined) {
    const at = Math.max(0, Math.min(list.items.length - 1, list.at + step));
    return { view: { ...view, list: { ...list, at } }, effect: null };
  }
  const chosen = name === 'return' ? list.items[list.at] : undefined;
  if (!chosen) return { view, effect: null };
  return { view: { ...view, list: null }, effect: { kind: 'chosen', name: list.name, value: chosen.value } };
}

/** A click on a line of the menu: the item is chosen; in a list a first click only moves there. */
export function clickItem(view: ChatView, at: number): ChatPressed {
  const { list, completion, composer } = view;
  if (list?.items[at]) {
    const next = { ...view, list: { ...list, at } };
    return at === list.at ? inList(next, 'return') : { view: next, effect: null };
  }
  if (!completion?.items[at]) return { view, effect: null };
  return { view: { ...view, composer: accept(composer, { ...completion, at }), completion: null }, effect: null };
}

/** A click on an entry that folds. */
export function clicked(view: ChatView, entry: Entry | null): ChatView {
  return entry ? { ...toggled(view, entry), chosen: null } : view;
}
