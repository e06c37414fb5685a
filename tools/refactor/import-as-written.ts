import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { importSpecifiers } from '../code/import-specifiers.ts';
import type { WholeProject } from '../code/whole-project.ts';
import type { ChangeImportArguments } from '../contracts/change-import.ts';
import type { SourceFiles } from '../files/source-files.ts';

const isRelative = (specifier: string): boolean => /^\.{1,2}\//.test(specifier);

/** The modules that imports written as `name` lead to, each with the folder of a file that imports it so. */
async function modulesWritten(
  files: SourceFiles,
  { resolver }: WholeProject,
  name: string,
): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for (const path of await files.containing(posix.basename(name))) {
    const file = files.read(path);
    for (const { text } of file === undefined ? [] : importSpecifiers(file)) {
      if (!isRelative(text) || posix.normalize(text) !== posix.normalize(name)) continue;
      const module = resolver.resolve(path, text);
      if (module !== undefined) modules.set(module, posix.dirname(path));
    }
  }
  return modules;
}

/**
 * The arguments with paths of the workspace in place of relative specifiers, where a person names an import as the code
 * writes it (`./errors`) and all imports of that text lead to one file. `modules`: the files, when they lead to several.
 */
export async function asWritten(
  files: SourceFiles,
  project: WholeProject,
  parsed: ChangeImportArguments,
): Promise<ChangeImportArguments | { modules: string[] }> {
  if (!isRelative(parsed.from)) return parsed;
  const written = await modulesWritten(files, project, parsed.from);
  const [first, ...others] = [...written].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (first === undefined) return parsed;
  const [module, folder] = first;
  if (others.length > 0) return { modules: [module, ...others.map(([path]) => path)] };
  const to = isRelative(parsed.to) ? `./${posix.join(folder, parsed.to)}` : parsed.to;
  return { ...parsed, from: module.includes('/') ? module : `./${module}`, to };
}

/** Whether a specifier begins with an alias of the repository (`$lib/*`, `@/*`) and leads to no file by it. */
export function leadsNowhere({ folders }: WholeProject, specifier: string): boolean {
  const places = folders.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([pattern, targets]) => {
      const [start = '', end] = pattern.split('*');
      // A pattern for everything (`baseUrl`) is no alias: packages are written so, too.
      const fits = end === undefined ? specifier === start : start !== '' && specifier.startsWith(start);
      return fits ? targets.map((target) => target.replace('*', specifier.slice(start.length))) : [];
    }),
  );
  const endings = ['', '.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mts', '.mjs', '/index.ts', '/index.tsx', '/index.js'];
  const isThere = (place: string) =>
    endings.some((ending) => statSync(place + ending, { throwIfNoEntry: false })?.isFile());
  const sources = (place: string) => [place, place.replace(/\.([cm]?)js(x?)$/, '.$1ts$2')];
  return places.length > 0 && !places.flatMap(sources).some(isThere);
}
