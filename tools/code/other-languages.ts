import { join } from 'node:path';
import type { ToolContext } from '../contracts/tool.ts';
import { filesContaining } from '../files/source-files.ts';
import { placeText, readTextFile } from '../files/text-file.ts';

/** Files of languages whose imports are not read. HTML counts as one. */
const globs = [
  '*.{py,pyi,go,rs,java,kt,kts,rb,php,cs,c,h,cc,cpp,cxx,hpp,swift,scala,lua,ex,exs,hs,ml,dart,zig,sh,jl,r,pl,css,scss,sass,less,html,htm}',
  '!**/node_modules/**',
  '!**/dist/**',
];
const importing =
  /^\s*(?:import|from|use|using|require|require_relative|include|#\s*include|@import|@use|@forward|extern|open|library|alias)\b/;
const inScript = /\bfrom\s*['"]|\bimport\s*\(?\s*['"]/;
/** More lines say no more to a person. */
const linesMax = 20;

/** Lines that seem to import the name in a language whose imports are not read: `path:line:column`. */
export async function otherImports(
  context: ToolContext,
  name: string,
  isMeant: (path: string) => boolean,
): Promise<string[]> {
  const word = new RegExp(`(?<![\\w-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`);
  const found: string[] = [];
  for (const path of (await filesContaining(context, name, globs)).filter(isMeant)) {
    const file = readTextFile(join(context.workspace, path), path, context.limits.fileBytesMax);
    for (const [index, start] of file?.lines.entries() ?? []) {
      if (found.length === linesMax) return found;
      const line = file!.text.slice(start, file!.lines[index + 1]);
      const at = word.exec(line)?.index;
      const isImport = importing.test(line) || (/\.html?$/.test(path) && inScript.test(line));
      if (at !== undefined && isImport) found.push(placeText(file!, start + at));
    }
  }
  return found;
}
