/**
 * The arguments of a tool call, from the model's text. No text is an empty object. Damage with one possible meaning is
 * repaired; a text with any other stays as it is, and no tool accepts it: a guess could write half a file.
 */
export function argumentsIn(text: string): unknown {
  if (text.trim() === '') return {};
  for (const attempt of [text, repaired(text)]) {
    const value = jsonOf(attempt);
    if (value !== undefined) return inner(value);
  }
  return text;
}

/** Whether a text of arguments has come to its end. */
export function areWhole(text: string): boolean {
  return text.trim() === '' || jsonOf(text) !== undefined;
}

/** JSON that was put into a JSON string once more. */
function inner(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const unwrapped = jsonOf(value);
  return typeof unwrapped === 'object' && unwrapped !== null ? unwrapped : value;
}

const words: Record<string, string> = { True: 'true', False: 'false', None: 'null' };
const controls: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };

/**
 * Takes away a fence around the text, an empty object before it, its repetition and commas after the last entry, and writes Python's
 * words and bare control characters in strings as JSON does. Closes nothing that is open.
 */
function repaired(text: string): string {
  const bare = text
    .trim()
    .replace(/^```(?:json)?\s*([\s\S]*?)\s*```$/, '$1')
    .replace(/^\{\s*\}(?=\s*\{)/, '')
    .replace(/^(\{[\s\S]*\})\s*\1$/, '$1');
  // Strings and what stands between them, in turn.
  return bare
    .replace(/"(?:[^"\\]|\\[\s\S])*"|[^"]+/g, (piece) =>
      piece.startsWith('"')
        ? piece.replace(
            /[\u0000-\u001f]/g,
            (sign) => controls[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
          )
        : piece.replace(/\b(True|False|None)\b/g, (word) => words[word] ?? word),
    )
    .replace(/("(?:[^"\\]|\\[\s\S])*")|,(\s*[}\]])/g, (_, string?: string, end?: string) => string ?? end ?? '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON
  }
}
