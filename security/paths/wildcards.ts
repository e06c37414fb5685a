/**
 * Whether a name consists of these pieces, in this order, with anything between two of them: `['a', '', '.ts']` is `a**.ts`.
 * In one pass, however many wildcards there are: a regular expression would try every way in which they could share a name.
 */
export function fitsPieces(pieces: string[], name: string): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
