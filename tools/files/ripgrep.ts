import { spawn } from 'node:child_process';
import { rgPath } from '@vscode/ripgrep';
import { Fault } from '../../ipc/fault.ts';
import type { ToolContext } from '../contracts/tool.ts';

/** How ripgrep ended: `lines` as they came, `cut` when the limit of lines or bytes ended it early. */
export type Found = { lines: string[]; cut: boolean; failure?: string };

/** Every call: no configuration file, hidden files too, `.gitignore` also outside a repository, a stable order. */
const always = ['--no-config', '--hidden', '--no-require-git', '--sort', 'path', '--color', 'never'];
const neverInside = ['--glob', '!**/.git', '--glob', '!**/.git/**'];

/**
 * Runs ripgrep at the work tree's top. `places` are paths, handed over behind `--`. No match is not a failure.
 * It ends by itself, at the limit, or with the order; throws process_failed when somebody else ended it.
 */
export function ripgrep(options: string[], places: string[], linesMax: number, context: ToolContext): Promise<Found> {
  const { promise, resolve, reject } = Promise.withResolvers<Found>();
  const child = spawn(rgPath, [...always, ...options, ...neverInside, '--', ...places], {
    cwd: context.workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: context.signal,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let complaint = '';
  let cut = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    cut ||= output.length > context.limits.outputBytesMax || output.split('\n').length > linesMax + 1;
    if (cut) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 2_000) complaint += text;
  });
  child.once('error', (error) => resolve({ lines: [], cut: false, failure: error.message }));
  child.once('close', (code, signal) => {
    if (signal && !cut && !context.signal.aborted)
      return reject(new Fault('process_failed', `ripgrep was ended by ${signal}`));
    const lines = output.slice(0, context.limits.outputBytesMax).split('\n').slice(0, linesMax);
    if (lines.at(-1) === '' || (cut && lines.length < linesMax)) lines.pop();
    const failed = !cut && code !== 0 && code !== 1;
    resolve({ lines, cut, ...(failed && { failure: complaint.trim() || `ripgrep ended with ${code}` }) });
  });
  return promise;
}
