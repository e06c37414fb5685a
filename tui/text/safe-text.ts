/** Control characters, changes of direction, and what takes no room; emoji keep their joiners and variants. */
const unseen =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\u3164\ufeff\uffa0]|\u034f|[\u{e0000}-\u{e0fff}]/gu;

/**
 * Control characters never reach the terminal raw, nor those that turn the direction of what follows: text of a
 * repository or a model is not to be trusted with it. Nor do invisible characters, in which instructions can be hidden. A
 * line may end as Windows ends it.
 */
export function safe(line: string): string {
  return line.replace(/\r\n/g, '\n').replace(unseen, '�');
}

/** A name from elsewhere as one line: signs that would begin another are written out, as `\\n`. */
export function oneLine(name: string): string {
  const plain: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return name.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (sign) => plain[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
