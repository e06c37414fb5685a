import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import type { Site } from '../../ipc/plan.ts';
import { importSpecifiers } from '../code/import-specifiers.ts';
import { readManifest } from '../code/workspace-packages.ts';
import { isCode, isMarkup, type SourceFiles } from '../files/source-files.ts';
import { siteAt } from './mechanical-result.ts';
import type { Move } from './move-plan.ts';
import { parentsOf } from './path-names.ts';

/**
 * Surroundings of a file that do not move with it: the package that says how it is read and what it may import, and files that belong to it by their place (`__mocks__/a.ts`, `__snapshots__/a.test.ts.snap`).
 */
export function surroundings(workspace: string, all: readonly string[], files: SourceFiles, move: Move): Site[] {
  const known = new Set(all);
  const there = new Set(all.map((path) => move.placeOf(path)));
  const back = new Map([...move.files].map(([path, place]) => [place, path]));
  const sites: Site[] = [];
  for (const [path, place] of move.files) {
    sites.push(...companions(known, path, place, move));
    if (move.folder === undefined && foundByName.test(posix.basename(path)) && path !== place) {
      sites.push(unplacedAt(path, 'programs find this file by its name and place'));
    }
    if (!isCode(path) && !isMarkup(path)) continue;
    const from = manifestsOver(known, path);
    const to = manifestsOver(there, place).map((one) => back.get(one) ?? one);
    sites.push(...otherKind([path, place], [from[0], to[0]], workspace));
    if (from[0] === to[0]) continue;
    const read = (manifests: string[]) => manifests.map((one) => readManifest(join(workspace, one)));
    sites.push(...notListed(files, path, to[0], read(from), read(to)));
  }
  return sites;
}

/** Configuration that nothing names: its program looks for it beside the code or above it. */
const foundByName =
  /^(?:(?:package|jsconfig|tsconfig|deno|jsr|composer|vercel|nx|turbo|lerna|angular|project)\.jsonc?|[\w-]+\.config\.[cm]?[jt]s|\.[\w-]+rc(?:\.\w+)?|\.(?:git|docker|npm|eslint|prettier)ignore|\.git(?:attributes|modules)|\.env(?:\.\w+)*|Dockerfile|Makefile|CODEOWNERS|pnpm-workspace\.yaml|(?:docker-)?compose\.ya?ml|\.gitlab-ci\.yml)$/;

function companions(known: ReadonlySet<string>, path: string, place: string, move: Move): Site[] {
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  const stem = name.replace(/\.[cm]?[jt]sx?$/, '');
  const mocks = ['.ts', '.tsx', '.js', '.jsx', '.mjs', '.cjs'].map((ending) => `${folder}/__mocks__/${stem}${ending}`);
  const found = [...mocks, `${folder}/__snapshots__/${name}.snap`]
    .map((one) => posix.normalize(one))
    .filter((one) => known.has(one));
  const left = found.filter((one) => {
    const inside = posix.relative(folder, one);
    const wanted = posix
      .join(posix.dirname(place), inside)
      .replace(stem, posix.basename(place).replace(/\.[cm]?[jt]sx?$/, ''));
    return move.placeOf(one) !== wanted;
  });
  return left.map((one) => unplacedAt(one, `belongs to ${path} by its place and name, and stays`));
}

/** The package.json files above a path, the nearest first. */
function manifestsOver(known: ReadonlySet<string>, path: string): string[] {
  const folders = ['', ...parentsOf(path)].toReversed();
  return folders.map((folder) => posix.join(folder, 'package.json')).filter((one) => known.has(one));
}

/** A script that becomes a module, or a module that becomes a script: its new ending or another package.json decides. */
function otherKind(
  move: [path: string, place: string],
  manifests: [from?: string, to?: string],
  workspace: string,
): Site[] {
  const kind = (path: string, manifest: string | undefined) => {
    if (/\.[cm][jt]s$/.test(path)) return /\.m[jt]s$/.test(path) ? 'module' : 'commonjs';
    return (manifest && readManifest(join(workspace, manifest))?.type) === 'module' ? 'module' : 'commonjs';
  };
  const why = (path: string, manifest: string | undefined) =>
    /\.[cm][jt]s$/.test(path) ? 'its ending' : (manifest ?? 'no package.json');
  const [[path, place], [from, to]] = [move, manifests];
  if (!/\.[cm]?[jt]sx?$/.test(path) || kind(path, from) === kind(place, to)) return [];
  const told = `is ${kind(path, from)} by ${why(path, from)}, and would be ${kind(place, to)} by ${why(place, to)}`;
  return [unplacedAt(path, told)];
}

type Read = ReturnType<typeof readManifest>;

/** Imports of packages that the new package does not list. */
function notListed(files: SourceFiles, path: string, manifest: string | undefined, from: Read[], to: Read[]): Site[] {
  const file = files.read(path);
  if (file === undefined || manifest === undefined) return [];
  const lists = (manifests: Read[], name: string) =>
    manifests.some((one) => {
      const listed = {
        ...one?.dependencies,
        ...one?.devDependencies,
        ...one?.peerDependencies,
        ...one?.optionalDependencies,
      };
      return one?.name === name || Object.hasOwn(listed, name) || Object.hasOwn(listed, `@types/${name}`);
    });
  return importSpecifiers(file).flatMap(({ text, start }) => {
    const name = /^(?:@[\w.-]+\/)?[a-z0-9][\w.-]*/i.exec(text)?.[0];
    if (name === undefined || isBuiltin(text) || !lists(from, name) || lists(to, name)) return [];
    return [siteAt(file, start, 'unplaced', false, `${manifest} does not list ${name}`)];
  });
}

const unplacedAt = (path: string, reason: string): Site => ({
  path,
  line: 1,
  column: 1,
  placement: 'unplaced',
  status: 'todo',
  reason,
});
