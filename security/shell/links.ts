import { normalize } from 'node:path/posix';
import { isSecretPath } from '../paths/secret-files.ts';
import { systemAccess } from '../paths/system-folders.ts';
import type { RuleKind } from '../verdict.ts';
import type { Finding, GivenPath, Part } from './finding.ts';
import { inGit } from './paths.ts';
import { shown, wildcard } from './word.ts';

/**
 * The work tree's files at a path that is given to a command (`GivenPath`; a wildcard stands for names). Null: too many
 * files would have to be looked at, or they are not known. Never throws.
 */
export type Follow = {
  /** Each real place that is another than the words say because of symbolic links: relative to the top, or absolute. */
  links(given: Pick<GivenPath, 'path' | 'itself'>): string[] | null;
  /** The files that a path with wildcards means now, relative to the top where they lie inside. */
  matches(path: string): string[] | null;
};

/**
 * The objections to a command because of where links lead, and the part with those places among the paths it touches.
 * No command rule allows them: a rule names words, and a link may lead elsewhere tomorrow. `feeds`: another command of
 * the line may take this one's output for names of files.
 */
export function throughLinks(part: Part, follow: Follow, feeds: boolean): Part {
  const own = { reads: [...part.reads], writes: [...part.writes], names: [...part.names], perhaps: [...part.perhaps] };
  const real = { ...own, perhapsWritten: [...part.perhapsWritten], findings: [...part.findings] };
  const isHarmless = (path: string) => follow.matches(path)?.some((one) => isSecretPath(one)) === false;
  real.findings = real.findings.filter(({ pattern }) => pattern === undefined || !isHarmless(pattern));
  // The files that a wildcard means count each for itself: for rules, and as text that may be foreign.
  for (const { path, access } of part.given)
    if (access === 'read' && path.includes(wildcard))
      real.reads.push(...(follow.matches(path) ?? []).slice(0, matchesMax));
  for (const { path, mayWrite } of part.given) {
    const matches = mayWrite && path.includes(wildcard) ? follow.matches(path) : null;
    if (matches === null) continue;
    const pattern = shown(normalize(path));
    real.perhapsWritten = [...real.perhapsWritten.filter((one) => one !== pattern), ...matches];
  }
  for (const given of part.given) {
    const places = follow.links(given);
    if (places === null && (feeds || given.access !== 'names'))
      real.findings.push(beyond(`${shown(given.path)} means more files than are looked at`, 'unknown_words'));
    for (const place of places ?? []) take(real, given, place, feeds);
  }
  return { ...part, ...real };
}

/** How many files of one wildcard are named. */
const matchesMax = 1_000;

type Real = Pick<Part, 'reads' | 'writes' | 'names' | 'perhaps' | 'perhapsWritten' | 'findings'>;

function take(real: Real, { path, access, mayWrite }: GivenPath, place: string, feeds: boolean): void {
  const leads = `${shown(path)} leads to ${place}`;
  const isOutside = place.startsWith('/');
  if (isSecretPath(place) && (access !== 'names' || feeds))
    real.findings.push(beyond(`${leads}, which may hold secrets`, 'keys'));
  else if (
    isOutside &&
    (access === 'write' || (access === 'read' && !isPackage(path, place) && systemAccess(place) !== 'files'))
  )
    real.findings.push(beyond(`${leads}, outside the work tree`, 'outside'));
  if (inGit(place) && access === 'write')
    real.findings.push(beyond(`${leads}: .git is never written`, 'git_folder', 'deny'));
  else if (inGit(place) && mayWrite) real.findings.push(beyond(`${leads}, which belongs to git`, 'git_folder'));
  if (mayWrite && !isOutside) real.perhapsWritten.push(place);
  // Rules for paths cover files outside too; such a file is not a read of the work tree.
  if (isOutside || access === 'perhaps') real.perhaps.push(place);
  else if (access === 'write') real.writes.push(place);
  else real.reads.push(place);
  if (access === 'names' && !isOutside) real.names.push(place);
}

/** Installed packages are links out of the work tree, or into a store; the walls say which of them can be read. */
function isPackage(path: string, place: string): boolean {
  return `/${path}/`.includes('/node_modules/') || place.includes('/node_modules/');
}

function beyond(why: string, kind: RuleKind, verdict: 'ask' | 'deny' = 'ask'): Finding {
  return { verdict, risk: 'beyond', why, about: 'line', kind };
}
