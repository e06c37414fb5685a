/** A patch that was given to a shell command `apply_patch`, as some agents have it. */
export type ShellPatch = { input: string; directory?: string };

/**
 * The patch in a shell line or a list of words; a string: the line has a patch with more around it, in words for the
 * model; null: there is none. Pure.
 */
export function shellPatch(command: unknown): ShellPatch | string | null {
  const words = Array.isArray(command) ? command : [];
  if (words[0] === 'apply_patch' && typeof words[1] === 'string') return { input: words[1] };
  const isShell = /^(.*\/)?(ba|z|da)?sh$/.test(String(words[0])) && /^-\w*c$/.test(String(words[1]));
  const line = isShell ? words[2] : command;
  if (typeof line !== 'string' || !line.includes('*** Begin Patch')) return null;
  const [, folder, rest = ''] = /^\s*(?:cd\s+("[^"$`]*"|'[^']*'|[^\s"'$`;&|]+)\s*&&\s*)?([\s\S]*)$/.exec(line) ?? [];
  const directory = folder === undefined ? {} : { directory: folder.replace(/^(["'])([\s\S]*)\1$/, '$2') };
  const here = /^(?:apply_patch|cat)\s*<<-?\s*(['"]?)(\w+)\1([^\n]*)\n([\s\S]*?)\n\s*\2\s*$/.exec(rest);
  const isPiped = /^cat/.test(rest) ? /^\s*\|\s*apply_patch\s*$/ : /^\s*$/;
  if (here && isPiped.test(here[3] ?? '')) return { input: here[4] ?? '', ...directory };
  const single = /^apply_patch\s+'((?:[^']|'\\'')*)'\s*$/.exec(rest);
  if (single) return { input: (single[1] ?? '').replaceAll("'\\''", "'"), ...directory };
  const double = /^apply_patch\s+"((?:[^"\\$`]|\\[\s\S])*)"\s*$/.exec(rest);
  if (double) return { input: (double[1] ?? '').replace(/\\(["\\$`])/g, '$1'), ...directory };
  if (!/(^|[;&|(]\s*)apply_patch\b/m.test(line)) return null;
  return 'apply_patch is a tool here, no command: call apply_patch with the patch as input, and run the rest of the line by itself.';
}
