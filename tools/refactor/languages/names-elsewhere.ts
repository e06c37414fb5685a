import { join } from 'node:path';
import type { Site } from '../../../ipc/plan.ts';
import { wordOffsets } from '../../code/syntax.ts';
import type { ToolContext } from '../../contracts/tool.ts';
import { filesContaining, isBuilt } from '../../files/source-files.ts';
import { readTextFile, type TextFile } from '../../files/text-file.ts';
import { siteAt } from '../mechanical-result.ts';
import { globsOf, together } from './languages.ts';
import type { Renaming } from './placing.ts';
import { dottedName, rootsFor } from './python-modules.ts';
import type { ServerSession } from './server-session.ts';

const documents = ['*.{md,markdown,rst,txt,adoc}', '!**/node_modules/**'];
const configuration = [
  '*.{toml,cfg,ini,yaml,yml,json,in,conf}',
  '!**/node_modules/**',
  '!*.lock',
  '!package-lock.json',
];
/** Files with code of the language that its server does not read. */
const unread: Record<string, string> = { python: '*.{ipynb,pyx,pxd}', go: '*.{tmpl,gotmpl}' };
const perFileMax = 20;

/** The name outside the files of its language: documents, configuration that names it with its module, notebooks. */
export async function namesElsewhere(
  context: ToolContext,
  session: ServerSession,
  renaming: Renaming,
): Promise<Site[]> {
  const { from } = renaming;
  const sites: Site[] = [];
  const each = async (globs: readonly string[], placeIn: (file: TextFile) => Site[]) => {
    for (const path of (await filesContaining(context, from, globs)).filter((one) => !isBuilt(one))) {
      const file = readTextFile(join(context.workspace, path), path, context.limits.fileBytesMax);
      if (file !== undefined) sites.push(...placeIn(file).slice(0, perFileMax));
    }
  };
  await each(documents, (file) => wordOffsets(file.text, from).map((offset) => siteAt(file, offset, 'text', false)));
  const more = unread[session.language];
  if (more !== undefined) {
    const reason = 'a file that the language server does not read has this name';
    await each([more], (file) => wordOffsets(file.text, from).map((at) => siteAt(file, at, 'unplaced', false, reason)));
  }
  const named = withModule(renaming);
  const own = globsOf(together(session.language)).map((glob) => `!${glob}`);
  if (named !== undefined) {
    await each([...configuration, ...own], (file) =>
      [...file.text.matchAll(named)].map(({ 0: found, index }) =>
        siteAt(file, index + found.length - from.length, 'unplaced', false, `names ${found}`),
      ),
    );
  }
  return sites;
}

/** `shop.cart:total` and `shop.cart.total` of a name that Python's modules have; undefined for other languages. */
function withModule({ from, declarations, modules }: Renaming): RegExp | undefined {
  const names = declarations.flatMap(({ path }) => rootsFor(modules, path).map((root) => dottedName(path, root)));
  const tops = new Set(names.flatMap((name) => (name === undefined ? [] : [name.split('.')[0]!])));
  if (tops.size === 0) return undefined;
  // A package hands on names of its modules: a name that begins with the same package may mean this one.
  return new RegExp(`(?<![\\w.])(?:${[...tops].join('|')})(?:\\.\\w+)*[.:](?:\\w+\\.)*${from}(?!\\w)`, 'g');
}
