import { filesMax, type MechanicalReport } from '../../ipc/mechanical.ts';
import { sentenceFor } from './calls.ts';
import type { Intent } from './intent.ts';
import { isAmong, literal, moduleGlobs } from './paths.ts';

/** A task as `propose_plan` takes it. */
export type ProposedTask = {
  id: string;
  title: string;
  prompt: string;
  role: string;
  after: string[];
  scope: string[];
};

/** About how many files one task of a change that can be split should write: small enough to check and merge quickly. */
export const filesPerTaskDefault = 50;

/** Files that a sweeping scope does not cover: configuration, hidden folders, snapshots. */
const mayDefineChecks = /(?:^|\/)(?:\.|__snapshots__\/)|\.(?:config|setup|workspace)\.\w+$|\.(?:json|snap)$/;

/** Above this many files a scope names folders instead: a scope is shown to a person. */
const scopeFilesMax = 200;

/**
 * The tasks that perform `intent` on the files a dry run found. A rename and a move are one atomic task: half of them
 * does not compile. The other two are split by files into disjoint scopes, neighbours together.
 */
export function tasksFor(intent: Intent, report: MechanicalReport, filesPerTask = filesPerTaskDefault): ProposedTask[] {
  const paths = 'paths' in intent ? intent.paths : [];
  // A report may name sites outside the paths that were asked for, too.
  const files = report.files.map(([path]) => path).filter((path) => isAmong(path, paths));
  const complete = isComplete(report);
  if (intent.kind === 'rename') return [task(intent.kind, intent, complete ? scopeOf(files) : ['**'])];
  if (intent.kind === 'move') {
    const ends = [intent.from, intent.to].flatMap((path) => moduleGlobs(path.replace(/\/\*$/, '')));
    return [task(intent.kind, intent, unique([...ends, ...(complete ? scopeOf(files) : ['**'])]))];
  }
  const parts = complete && files.length <= filesPerTask ? [files] : split(files, filesPerTask);
  if (files.length === 0) return [];
  if (complete && parts.length === 1) return [task(intent.kind, intent, scopeOf(files))];
  const tasks = parts.map((part, index) =>
    task(
      `${intent.kind}-${index + 1}`,
      { ...intent, paths: part },
      scopeOf(part),
      ` (${index + 1} of ${parts.length})`,
    ),
  );
  if (complete) return tasks;
  // The report named only the first files: a last task looks everywhere and finds the rest.
  const rest = task(`${intent.kind}-rest`, intent, ['**'], ' (the rest)');
  return [...tasks, { ...rest, after: tasks.map((one) => one.id) }];
}

/** Whether the report names every file that changes: a long list is cut, by number or to fit an answer's size. */
function isComplete({ files, counts }: MechanicalReport): boolean {
  return files.length < filesMax && files.reduce((sum, [, sites]) => sum + sites, 0) >= counts.target;
}

/** Parts of nearly equal size; each border moves to the nearest change of folder, by a fifth of a part at most. */
export function split(files: string[], filesPerTask: number): string[][] {
  const sorted = [...files].sort((a, b) => compare(folderOf(a), folderOf(b)) || compare(a, b));
  const count = Math.ceil(sorted.length / filesPerTask);
  const size = sorted.length / count;
  const borders = [0];
  for (let part = 1; part < count; part++) borders.push(nearestBorder(sorted, Math.round(part * size), size / 5));
  return borders.map((start, index) => sorted.slice(start, borders[index + 1]));
}

function task(id: string, intent: Intent, scope: string[], part = ''): ProposedTask {
  const whole: Intent = 'paths' in intent && part !== '' ? { ...intent, paths: [] } : intent;
  const title = sentenceFor(whole).replace(/\.$/, '') + part;
  return { id, title, prompt: sentenceFor(intent), role: 'coder', after: [], scope };
}

const unique = (globs: string[]): string[] => [...new Set(globs)];
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function nearestBorder(sorted: string[], wanted: number, reach: number): number {
  for (let distance = 0; distance <= reach; distance++) {
    for (const index of [wanted - distance, wanted + distance]) {
      if (folderOf(sorted[index - 1] ?? '') !== folderOf(sorted[index] ?? '')) return index;
    }
  }
  return wanted;
}

function scopeOf(files: string[]): string[] {
  return files.length <= scopeFilesMax ? files.map(literal) : foldersOver(files);
}

/** For each top-level folder the deepest folder that holds all its files; files at the top by themselves. */
function foldersOver(files: string[]): string[] {
  // A scope must name a file that may define checks outright, or the task cannot write it.
  const named = files.filter((file) => mayDefineChecks.test(file)).map(literal);
  const common = new Map<string, string[]>();
  for (const file of files) {
    const folders = file.split('/').slice(0, -1);
    const key = folders[0] ?? file;
    const known = common.get(key) ?? folders;
    const differs = folders.findIndex((name, index) => name !== known[index]);
    common.set(key, known.slice(0, differs === -1 ? Math.min(folders.length, known.length) : differs));
  }
  const globs = [...common].map(([key, folders]) =>
    folders.length === 0 ? literal(key) : `${literal(folders.join('/'))}/**`,
  );
  return unique([...globs, ...named]);
}
