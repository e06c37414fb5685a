/**
 * The input of a terminal in pieces for a decoder of keys: pasted text is kept apart from keys, and each mouse
 * event stands alone. Sequences that are cut between two reads are put together again.
 */
export type InputPiece = { kind: 'keys' | 'mouse' | 'paste'; text: string };

/** More of one paste than this is dropped, in characters. */
const pasteMax = 64 * 1024;
/** More characters in one read than a person types: a terminal without marks around pastes sends them like this. */
const typedMax = 64;
/** A read that follows such a read within this time belongs to it, in milliseconds. */
const samePasteMs = 100;

const isOneKey = /^(.)\1*$/su;

const [pasteFrom, pasteTo] = ['\x1b[200~', '\x1b[201~'];
const mouse = /(\x1b\[<\d+;\d+;\d+[Mm])/;
/** The beginning of a sequence at the end of a read. */
const partly = /\x1b(\[[<\d;]*)?$/;

export type InputSplitter = {
  /** Takes the next read, and the time at which it came in milliseconds. */
  take(read: string, ms: number): InputPiece[];
  /** The beginning of a sequence whose end has not come: the key was Escape. */
  rest(): InputPiece[];
};

export function inputSplitter(): InputSplitter {
  let rest = '';
  let pasted: string | null = null;
  let pastedAt = -Infinity;
  const take = (read: string, ms: number) => {
    const pieces: InputPiece[] = [];
    let text = rest + read;
    rest = '';
    while (text !== '') {
      if (pasted !== null) {
        const end = text.indexOf(pasteTo);
        // The end mark itself may be cut: as much as could be its beginning waits.
        const until = end === -1 ? Math.max(0, text.length - pasteTo.length + 1) : end;
        pasted = (pasted + text.slice(0, until)).slice(0, pasteMax);
        if (end === -1) {
          rest = text.slice(until);
          break;
        }
        pieces.push({ kind: 'paste', text: pasted });
        pasted = null;
        text = text.slice(end + pasteTo.length);
        continue;
      }
      const start = text.indexOf(pasteFrom);
      let typed = start === -1 ? text : text.slice(0, start);
      text = start === -1 ? '' : text.slice(start + pasteFrom.length);
      if (start !== -1) pasted = '';
      else {
        rest = partly.exec(typed)?.[0] ?? '';
        typed = typed.slice(0, typed.length - rest.length);
      }
      const isPaste =
        typed !== '' && !typed.includes('\x1b') && (typed.length > typedMax || ms - pastedAt < samePasteMs);
      // A key that is held down comes as fast; it must not count as pasted for ever.
      if (isPaste && (typed.length > typedMax || !isOneKey.test(typed))) pastedAt = ms;
      pieces.push(...(isPaste ? [{ kind: 'paste' as const, text: typed.slice(0, pasteMax) }] : typedPieces(typed)));
    }
    return pieces;
  };
  return {
    take,
    rest() {
      if (pasted !== null || rest === '') return [];
      const text = rest;
      rest = '';
      return [{ kind: 'keys', text }];
    },
  };
}

function typedPieces(typed: string): InputPiece[] {
  return typed.split(mouse).flatMap((text): InputPiece[] => {
    if (text === '') return [];
    if (mouse.test(text)) return [{ kind: 'mouse', text }];
    return [{ kind: 'keys', text }];
  });
}
