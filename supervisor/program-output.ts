import { spawn } from 'node:child_process';
import { killGroup } from './child.ts';

/** How much of each output is kept, in bytes: the caller expects a line, not a file. */
const outputBytesMax = 64 * 1024;

/** How a program ended. `code` null: it could not be started, was killed or took too long; `reason` says which. */
export type ProgramOutput = { code: number | null; stdout: string; stderr: string; reason: string };

/**
 * Runs a program of the user's and waits for its end, at most `limitMs`: then its whole process group is killed. It
 * gets exactly `environment`, no input, and `directory`. Never throws.
 */
export function programOutput(
  argv: string[],
  order: { environment: Record<string, string>; directory: string; limitMs: number },
): Promise<ProgramOutput> {
  const { promise, resolve } = Promise.withResolvers<ProgramOutput>();
  const [file = '', ...rest] = argv;
  const child = spawn(file, rest, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: order.environment,
    cwd: order.directory,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] = (output[name] + chunk).slice(0, outputBytesMax);
    });
  const end = (code: number | null, reason: string) => {
    clearTimeout(timer);
    if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL'); // ends the processes that it left behind
    resolve({ code, ...output, reason });
  };
  const timer = setTimeout(() => end(null, `took longer than ${order.limitMs / 1000} s`), order.limitMs);
  child.on('error', (error) => end(null, `could not be started (${error.message})`));
  child.on('close', (code, signal) => end(code, signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
  return promise;
}
