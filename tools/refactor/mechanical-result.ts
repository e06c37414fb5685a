import type { FileChange } from '../../ipc/changes.ts';
import type { FaultCode } from '../../ipc/fault.ts';
import { matchesGlob } from '../../ipc/glob.ts';
import { filesMax, type MechanicalReport } from '../../ipc/mechanical.ts';
import type { Site } from '../../ipc/plan.ts';
import type { Prepared } from '../contracts/tool.ts';
import { positionAt, type TextFile } from '../files/text-file.ts';

/** Shared by the mechanical refactorings: from placed sites to the report, the host's data and the changes. */
const unplacedMax = 50;
const candidatesMax = 20;

const codes: Partial<Record<MechanicalReport['status'], FaultCode>> = {
  not_found: 'symbol_not_found',
  ambiguous: 'symbol_ambiguous',
  clash: 'name_clash',
  unplaced: 'sites_unplaced',
  nothing: 'nothing_to_do',
  refused: 'goal_unsupported',
};

/** No change: the reason, and the symbols that may have been meant. */
export function declined(
  status: 'nothing' | 'not_found' | 'ambiguous' | 'clash' | 'refused',
  message: string,
  candidates: readonly string[] = [],
): Prepared {
  const report: MechanicalReport = {
    status,
    message,
    counts: { target: 0, otherSymbol: 0, text: 0, unplaced: 0 },
    files: [],
    unplaced: [],
    candidates: candidates.slice(0, candidatesMax),
  };
  return { text: JSON.stringify(report), isError: status !== 'nothing', data: { sites: [], code: codes[status] } };
}

/**
 * The sites were found: `ok`, or `unplaced` when some could not be decided. `changes` absent: a dry run. `moved`: old path →
 * new path of files that change their place.
 */
export function concluded(
  sites: readonly Site[],
  message: string,
  changes: FileChange[] | undefined,
  moved: ReadonlyMap<string, string> = new Map(),
): Prepared {
  const count = (placement: Site['placement']) => sites.filter((site) => site.placement === placement).length;
  const unplaced = sites.filter((site) => site.placement === 'unplaced');
  const status = unplaced.length > 0 ? 'unplaced' : 'ok';
  const files = new Map<string, number>([...moved].flat().map((path) => [path, 0]));
  for (const { path, placement } of sites) if (placement === 'target') files.set(path, (files.get(path) ?? 0) + 1);
  const report: MechanicalReport = {
    status,
    message,
    counts: {
      target: count('target'),
      otherSymbol: count('other_symbol'),
      text: count('text'),
      unplaced: unplaced.length,
    },
    files: [...files].slice(0, filesMax),
    unplaced: unplaced.slice(0, unplacedMax).map(siteText),
    candidates: [],
  };
  const code = codes[status];
  return {
    text: JSON.stringify(report),
    data: { sites, ...(code === undefined ? {} : { code }) },
    ...(changes === undefined ? {} : { changes }),
  };
}

const siteText = ({ path, line, column, reason }: Site): string => `${path}:${line}:${column} ${reason ?? ''}`.trim();

/** A site of a file; `changed` says whether a target is being changed by this very call. */
export function siteAt(
  file: TextFile,
  offset: number,
  placement: Site['placement'],
  changed: boolean,
  reason?: string,
): Site {
  const { line, character } = positionAt(file, offset);
  const status = placement === 'target' ? (changed ? 'done' : 'todo') : placement === 'unplaced' ? 'todo' : 'left';
  const because = reason === undefined ? {} : { reason };
  return { path: file.path, line: line + 1, column: character + 1, placement, status, ...because };
}

/** Whether a path may be changed: absent globs allow everything. */
export function inScope(path: string, globs: readonly string[] | undefined): boolean {
  return globs === undefined || globs.some((glob) => matchesGlob(path, glob.replace(/\/$/, '/**')));
}

/** `1 place`, `2 places`: a number with its noun, whose plural takes an s. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
