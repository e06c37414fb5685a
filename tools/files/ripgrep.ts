import { spawn } from 'node:child_process';
import { rgPath } from '@vscode/ripgrep';
import { Fault } from '../../ipc/fault.ts';
import type { ToolContext } from '../contracts/tool.ts';

/**
 * How ripgrep ended: `lines` as they came, `cut` when the limit of lines or bytes ended it early. `unread`: files and
 * folders that could not be read; the rest was searched.
 */
export type Found = { lines: string[]; cut: boolean; unread: string[]; failure?: string };

/** Every call: no configuration file, hidden files too, `.gitignore` also outside a repository. */
const always = ['--no-config', '--hidden', '--no-require-git'];
/** For a whole answer: `.ignore` files hide files from a person's searches, and folders above are no part of the workspace. */
const forWhole = ['--no-ignore-dot', '--no-ignore-parent'];
/** Flags for output that a model reads: in a stable order, without git's own files. */
const forReading = ['--sort', 'path', '--color', 'never'];
const neverInside = ['--glob', '!**/.git', '--glob', '!**/.git/**'];

/** ripgrep lists 20,000 files in 0.05 s and searches them in 0.5 s; a cold network disk may need a hundred times that. */
const wholeDeadlineMs = 60_000;
const wholeCharactersMax = 64 * 1024 * 1024;

/**
 * Runs ripgrep at the work tree's top. `places` are paths, handed over behind `--`. No match is not a failure.
 * It ends by itself, at the limit, or with the order; throws process_failed when another process ended it.
 */
export async function ripgrep(
  options: string[],
  places: string[],
  linesMax: number,
  context: ToolContext,
): Promise<Found> {
  const { outputBytesMax } = context.limits;
  const isEnough = (output: string) => output.length > outputBytesMax || output.split('\n').length > linesMax + 1;
  const words = [...forReading, ...options, ...neverInside, '--', ...places];
  const { output, complaint, code, cut, failure } = await run(words, context, isEnough);
  if (failure !== undefined) return { lines: [], cut: false, unread: [], failure };
  const lines = output.slice(0, outputBytesMax).split('\n').slice(0, linesMax);
  if (lines.at(-1) === '' || (cut && lines.length < linesMax)) lines.pop();
  const complaints = complaint.split('\n').filter((line) => line.trim() !== '');
  const unread = complaints.flatMap((line) => unreadable.exec(line)?.[1]?.replace(/^\.\//, '') ?? []);
  const failed = !cut && code !== 0 && code !== 1 && unread.length < Math.max(1, complaints.length);
  return { lines, cut, unread, ...(failed && { failure: complaint.trim() || `ripgrep ended with ${code}` }) };
}

/**
 * The whole output of ripgrep over the work tree; names end with a NUL. Throws process_failed when another process ended
 * it, and tool_failed when it cannot run, takes too long or says too much.
 */
export async function ripgrepWhole(options: string[], context: Searched): Promise<string> {
  const words = [...forWhole, '-g', '!**/.git', '--null', '--no-messages', ...options, './'];
  const isEnough = (output: string) => output.length > wholeCharactersMax;
  const { output, code, failure } = await run(words, context, isEnough, wholeDeadlineMs);
  // Exit code 1 is ripgrep's word for "nothing found", 2 for "found, but some files could not be read".
  if (failure === undefined && code !== null && code <= 2) return output;
  throw new Fault(
    'tool_failed',
    `ripgrep failed: ${failure ?? `it ended with ${code ?? 'no answer within its limits'}`}`,
  );
}

/** ripgrep's words for a file or folder that it may not read, or that went meanwhile; it goes on with the others. */
const unreadable =
  /^(?:rg: )?(.+?): (?:.*: )?(?:Permission denied|No such file or directory|Input\/output error|Operation not permitted).*$/;

/** The remark on files and folders that could not be read; empty: there were none. */
export function unreadNote(unread: string[]): string {
  if (unread.length === 0) return '';
  const shown = unread.slice(0, 5).join(', ');
  return `\n[not readable, left out: ${shown}${unread.length > 5 ? ` and ${unread.length - 5} more` : ''}]`;
}

export type Searched = Pick<ToolContext, 'workspace' | 'signal'>;
/** `code` null: it was ended by us. `failure`: it did not start, or the order was cancelled. */
type Ended = { output: string; complaint: string; code: number | null; cut: boolean; failure?: string };

/** `isEnough` is asked after each piece of the output whether to end it there. `timeout` in milliseconds. */
function run(
  words: string[],
  { workspace, signal }: Searched,
  isEnough: (output: string) => boolean,
  timeout?: number,
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(rgPath, [...always, ...words], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    timeout,
  });
  let output = '';
  let complaint = '';
  let cut = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    cut ||= isEnough(output);
    if (cut) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 2_000) complaint += text;
  });
  child.once('error', (error) => resolve({ output, complaint, code: null, cut: false, failure: error.message }));
  child.once('close', (code, endedBy) => {
    if (endedBy && !child.killed) reject(new Fault('process_failed', `ripgrep was ended by ${endedBy}`));
    else resolve({ output, complaint, code, cut });
  });
  return promise;
}
