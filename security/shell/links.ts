import { isSecretPath } from '../secret-files.ts';
import type { Finding, Part } from './finding.ts';
import { inGit } from './paths.ts';
import { shown } from './word.ts';

/**
 * Where symbolic links of the work tree take a path that is given to a command (`GivenPath`; a wildcard stands for names):
 * each real place that is another than its words say, relative to the work tree's top, or absolute outside. Null: too many
 * files would have to be looked at. Never throws.
 */
export type Follow = (path: string) => string[] | null;

/**
 * What speaks against a command because of where links lead, and the part with those places among what it touches. No rule
 * for commands allows it: a rule names words, and a link may lead elsewhere tomorrow.
 */
export function throughLinks(part: Part, follow: Follow): Part {
  const real = { reads: [...part.reads], writes: [...part.writes], names: [...part.names], perhaps: [...part.perhaps] };
  const findings: Finding[] = [...part.findings];
  for (const { path, access } of part.given) {
    const beyond = (why: string, verdict: 'ask' | 'deny' = 'ask') =>
      findings.push({ verdict, risk: 'beyond', why, about: 'line' });
    const places = follow(path);
    if (places === null) beyond(`${shown(path)} means more files than are looked at`);
    for (const place of places ?? []) {
      const leads = `${shown(path)} leads to ${place}`;
      const isOutside = place.startsWith('/');
      if (access !== 'names' && isSecretPath(place)) beyond(`${leads}, which may hold secrets`);
      if (access === 'write' && inGit(place)) beyond(`${leads}: .git is never written`, 'deny');
      else if (access === 'write' && isOutside) beyond(`${leads}, outside the work tree`);
      // What leads out the walls hold, but for installed packages, which are no stranger's words.
      if (isOutside || access === 'perhaps') real.perhaps.push(place);
      else if (access === 'write') real.writes.push(place);
      else real.reads.push(place);
      if (access === 'names' && !isOutside) real.names.push(place);
    }
  }
  return { ...part, ...real, findings };
}
