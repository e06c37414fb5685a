/**
 * OpenRouter's `reasoning_details`: pieces of thinking that stream in and go back whole. Pieces of one kind and index
 * belong together: their texts are joined, of everything else the last one counts.
 */
export function mergeDetails(before: object[], pieces: unknown[]): object[] {
  const merged = [...before];
  for (const piece of pieces) {
    if (typeof piece !== 'object' || piece === null) continue;
    const at = merged.findIndex((one) => sameDetail(one, piece));
    if (at === -1) merged.push(piece);
    else merged[at] = joined(merged[at]!, piece);
  }
  return merged;
}

function sameDetail(one: object, other: object): boolean {
  const [a, b] = [one, other] as { type?: unknown; index?: unknown }[];
  return a?.type === b?.type && a?.index === b?.index && b?.index !== undefined;
}

const grows = ['text', 'summary', 'data'];

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
  return pieces.map((piece) => String((piece as { text?: string; summary?: string } | null)?.text ?? '')).join('');
}
