/**
 * What a terminal sends, in the pieces that a decoder of keys can take: text that was pasted is no keys, and each mouse
 * event stands alone. Sequences that are cut between two reads are put together again.
 */
export type InputPiece = { kind: 'keys' | 'mouse' | 'paste'; text: string };

/** More of one paste than this is dropped, in characters. */
const pasteMax = 64 * 1024;
/** Nobody types so much at once: a terminal that does not mark what is pasted sends it like this, in many reads. */
const typedMax = 64;
/** What comes so soon after such a read belongs to it, in milliseconds. */
const samePasteMs = 100;

const isOneKey = /^(.)\1*$/su;

const [pasteFrom, pasteTo] = ['\x1b[200~', '\x1b[201~'];
const mouse = /(\x1b\[<\d+;\d+;\d+[Mm])/;
/** What may be the beginning of a sequence, at the end of a read. */
const partly = /\x1b(\[[<\d;]*)?$/;

export type InputSplitter = {
  /** Takes the next read, and the time at which it came in milliseconds. */
  take(read: string, ms: number): InputPiece[];
  /** What waits for its end, where none has come: an Escape was the key. */
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
      // A key that somebody holds down comes as fast, and would never be a key again.
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
