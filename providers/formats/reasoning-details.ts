/**
 * OpenRouter's `reasoning_details` and LiteLLM's `thinking_blocks`: pieces of thinking that stream in and go back whole.
 * Pieces of one kind and index belong together: their texts are joined, of everything else the last one counts. Where
 * there is no index, a text goes on until it is signed.
 */
export function mergeDetails(before: object[], pieces: unknown[]): object[] {
  const merged = [...before];
  for (const piece of pieces) {
    if (typeof piece !== 'object' || piece === null) continue;
    const at = goesOn(merged.at(-1), piece) ? merged.length - 1 : merged.findIndex((one) => sameDetail(one, piece));
    if (at === -1) merged.push(piece);
    else merged[at] = joined(merged[at]!, piece);
  }
  return merged;
}

function sameDetail(one: object, other: object): boolean {
  const [a, b] = [one, other] as { type?: unknown; index?: unknown }[];
  return a?.type === b?.type && a?.index === b?.index && b?.index !== undefined;
}

type Detail = { type?: unknown; index?: unknown; signature?: unknown; text?: unknown; thinking?: unknown };

function goesOn(last: object | undefined, piece: object): boolean {
  const [a, b] = [last, piece] as (Detail | undefined)[];
  if (!a || !b || a.type !== b.type || a.index !== undefined || b.index !== undefined) return false;
  return [a, b].every((one) => typeof (one.text ?? one.thinking) === 'string') && !a.signature;
}

const grows = ['text', 'thinking', 'summary', 'data'];

function joined(before: object, piece: object): object {
  const both = { ...before, ...Object.fromEntries(Object.entries(piece).filter(([, value]) => value !== null)) };
  for (const name of grows) {
    const [start, rest] = [before, piece].map((one) => (one as Record<string, unknown>)[name]);
    if (typeof start === 'string' && typeof rest === 'string') Object.assign(both, { [name]: start + rest });
  }
  return both;
}

/** The part of it that a person can read. */
export function textOfDetails(pieces: unknown[]): string {
  return pieces
    .map((piece) => String((piece as Detail | null)?.text ?? (piece as Detail | null)?.thinking ?? ''))
    .join('');
}
