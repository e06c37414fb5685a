import type { TextFile } from '../files/text-file.ts';

/** `.` stops where JavaScript's lines end. The loops are unrolled so that a long text needs no deep stack. */
const comment = String.raw`^#!.*|\/\/.*|\/\*[^]*?\*\/`;
const quoted = (quote: string) => String.raw`${quote}[^${quote}\\\r\n]*(?:\\(?:\r\n|[^])[^${quote}\\\r\n]*)*${quote}`;
/** Behind a backtick or the end of a `${}`: up to the next of those. */
const template = String.raw`[^\x60\\$]*(?:(?:\\[^]|\$(?!\{))[^\x60\\$]*)*(?:\x60|\$\{)`;
const piece = new RegExp(
  String.raw`(?<comment>${comment})|(?<literal>${quoted("'")}|${quoted('"')}|\x60${template})|[^'"\x60/{}<-]+|[-{}<]`,
  'y',
);
const templateAgain = new RegExp(String.raw`(?<literal>\}${template})`, 'y');
const expression = /(?<literal>\/(?!\*)(?:[^\\/[\r\n\u2028\u2029]|\\.|\[(?:[^\]\\\r\n\u2028\u2029]|\\.)*\])+\/)/y;
const division = /\/(?!\*)/y;

/**
 * Whether every one of the offsets (ascending) lies in a comment or a literal, told without parsing: a file that only
 * speaks of a name needs no more. `false` also means "not sure": at the first thing that takes a grammar (a slash that may
 * divide or begin a regular expression, what may be JSX, HTML's comments, a string without an end) the parser has to say.
 */
export function areInText({ path, text }: TextFile, offsets: readonly number[]): boolean {
  const mayHoldJsx = !/\.[cm]?ts$/.test(path);
  /** How many braces are open inside each `${` under way. */
  const braces: number[] = [];
  /** The code just passed, to judge a slash by; a comment in it counts as a line end. */
  let before = '';
  let next = 0;
  for (let at = 0; next < offsets.length; ) {
    const sign = text[at];
    if (sign === '<' && (text[at + 1] === '!' || (mayHoldJsx && text[at + 1] !== '='))) return false;
    const isAgain = sign === '}' && braces.at(-1) === 0;
    const found = text.startsWith('-->', at) ? undefined : matched(isAgain ? templateAgain : piece, text, at);
    const { 0: passed, groups } = found ?? (sign === '/' ? matched(slash(before), text, at) : undefined) ?? {};
    if (passed === undefined) return false;
    at += passed.length;
    const isText = groups?.comment !== undefined || groups?.literal !== undefined;
    for (; next < offsets.length && offsets[next]! < at; next += 1) if (!isText) return false;
    if (isAgain) braces.pop();
    else if (braces.length > 0 && (passed === '{' || passed === '}'))
      braces.push(braces.pop()! + (passed === '{' ? 1 : -1));
    const opens = isText && passed.endsWith('${') && (isAgain || sign === '`');
    if (opens) braces.push(0);
    if (groups?.comment !== undefined) before += '\n';
    else before = opens ? '{' : isText || passed.trim() !== '' ? passed.slice(-wordMax) : before + passed;
  }
  return true;
}

function matched(expected: RegExp | undefined, text: string, at: number): RegExpExecArray | undefined {
  if (expected === undefined) return undefined;
  expected.lastIndex = at;
  return expected.exec(text) ?? undefined;
}

/** Longer than the longest word that stands before an expression. */
const wordMax = 40;
const beforeExpression =
  /^(?:return|typeof|case|do|else|in|instanceof|new|void|delete|throw|await|yield|of|default|extends)$/;

/** The meaning of a slash after the code; undefined: not known (`if (a) /b/` and `(a) / b` begin alike). */
function slash(before: string): RegExp | undefined {
  if (/[(,=:[&|?;{]\s*$/.test(before)) return expression;
  const [, word] = /([\p{ID_Continue}$]+|\])[ \t]*$/u.exec(before) ?? [];
  return word === undefined || beforeExpression.test(word) ? undefined : division;
}
