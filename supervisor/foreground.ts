import { spawn } from 'node:child_process';
import { Fault } from '../ipc/fault.ts';

/** Runs a person's program at their terminal and waits for its end. Throws process_failed when it cannot start. */
export function runAtTerminal(argv: [string, ...string[]], environment: Record<string, string>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const [file, ...words] = argv;
  const child = spawn(file, words, { env: environment, stdio: 'inherit' });
  child.on('error', (cause) =>
    reject(new Fault('process_failed', `${file} cannot be started (${cause.message}).`, { cause })),
  );
  child.on('close', () => resolve());
  return promise;
}

/** Starts a program that shows something elsewhere, and ignores its result, even when the program is missing. */
export function startAside(argv: [string, ...string[]], environment: Record<string, string>): void {
  const [file, ...words] = argv;
  const child = spawn(file, words, { env: environment, stdio: 'ignore', detached: true });
  child.on('error', () => {}); // a notification is optional
  child.unref();
}
