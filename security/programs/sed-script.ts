import type { Look } from './look.ts';

/** One address: a line, `$`, a pattern between slashes or between `\c` and `c`, with flags; and what may follow it. */
const address =
  /^(\d+(~\d+)?|\$|\/(\\[\s\S]|\[[^\]\n]*\]|[^/\\\n])*\/[IM]*|\\([^\n\\])(\\[\s\S]|(?!\4)[^\\\n])*\4[IM]*)/;

/** Judges a script of sed, command by command: `w`, `r`, `e` and their like reach files and programs. Source: POSIX sed, GNU sed. */
export function sedScript(script: string, look: Look) {
  let rest = script.replace(/^[\s;{}]+/, '');
  const unclear = () => look.ask('beyond', 'its script is not understood');
  for (; rest !== ''; rest = rest.replace(/^[\s;{}]+/, '')) {
    const first = address.exec(rest);
    if (first) {
      rest = rest.slice(first[0].length).trimStart();
      if (rest.startsWith(',')) {
        rest = rest.slice(1).trimStart();
        const second = /^[+~]\d+/.exec(rest) ?? address.exec(rest);
        if (!second) return unclear();
        rest = rest.slice(second[0].length).trimStart();
      }
    }
    rest = rest.replace(/^[\s!]+/, '');
    const name = rest.charAt(0);
    rest = rest.slice(1);
    if (/^[pPdDgGhHxnN=zF{}]$/.test(name) || name === '') continue;
    if (/^[qQlL]$/.test(name)) rest = rest.replace(/^\s*\d+/, '');
    else if (name === '#') rest = rest.replace(/^[^\n]*/, '');
    else if (/^[btTv:]$/.test(name)) {
      // A label ends at white space, and then commands may follow.
      rest = rest.replace(/^[ \t]*[^\s;}]*[ \t]*/, '');
      if (rest !== '' && !/^[;}\n]/.test(rest)) return unclear();
    } else if (/^[aic]$/.test(name)) rest = rest.replace(/^(\\[\s\S]|[^\n\\])*/, '');
    else if (name === 's' || name === 'y') {
      const after = substitution(rest, name, look);
      if (after === null) return unclear();
      rest = after;
    } else if (/^[rRwW]$/.test(name)) {
      const file = /^\s*([^\n]*)/.exec(rest)!;
      look[name.toLowerCase() === 'r' ? 'read' : 'write'](file[1]!);
      rest = rest.slice(file[0].length);
    } else if (name === 'e') {
      const command = /^[^\n]*/.exec(rest)![0].trim();
      look.ask('contained', 'its script runs programs');
      if (command === '') return look.ask('beyond', 'its script runs what it reads');
      look.script(command);
      rest = rest.slice(rest.indexOf('\n') === -1 ? rest.length : rest.indexOf('\n'));
    } else return unclear();
  }
}

/** `s/…/…/flags`: answers the text after it, or null when it is not understood. */
function substitution(text: string, name: string, look: Look): string | null {
  const mark = text.charAt(0);
  if (!/^[^\w\s\\]$/.test(mark)) return null;
  const parts: string[] = [];
  let at = 1;
  for (let part = 0; part < 2; part += 1) {
    let found = '';
    for (; at < text.length && text[at] !== mark; at += 1) {
      if (text[at] === '\\') found += text[at++];
      found += text[at] ?? '';
    }
    if (at >= text.length) return null;
    parts.push(found);
    at += 1;
  }
  // Versions of sed disagree on a mark that stands in brackets.
  const pattern = parts[0]!.replace(/\\[\s\S]/g, '');
  if (pattern.includes('[') && !pattern.includes(']')) return null;
  const flags = name === 'y' ? '' : /^[gpiImM\d]*/.exec(text.slice(at))![0];
  const after = text.slice(at + flags.length);
  if (name === 'y' || !/^[ew]/.test(after)) return /^\s*($|[;}\n#])/.test(after) ? after : null;
  if (after.startsWith('e')) {
    look.ask('beyond', 'its script runs what it makes');
    return '';
  }
  const file = /^w\s*([^\n]*)/.exec(after)!;
  look.write(file[1]!);
  return after.slice(file[0].length);
}
