import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from './repository.ts';

/** The launcher that users call: it runs the built bundle, or the sources when there is none. */
export const launcher = join(import.meta.dirname, '..', '..', 'cli', 'vtcode');

/** The built hands: what users run, and quicker to start than the sources by half a second of processor time. */
export const builtHands = join(import.meta.dirname, '..', '..', 'dist', 'hands.js');

export type Called = { code: number | null; signal: string | null; stdout: string; stderr: string };

export type CallOptions = { environment?: Record<string, string>; cwd?: string; input?: string };

/** vtcode with a state folder of its own, so that tests do not see each other's runs. */
export type TestVtcode = {
  state: string;
  environment: Record<string, string>;
  start(args: string[]): ChildProcess;
  /** Calls vtcode, perhaps with something to read on standard input, and waits for its end. */
  call(args: string[], options?: CallOptions): Promise<Called>;
};

export function testVtcode(): TestVtcode {
  const state = temporaryFolder('state');
  const { PATH = '', HOME = '' } = process.env;
  const environment = { PATH, HOME, XDG_STATE_HOME: state, XDG_CONFIG_HOME: join(state, 'config') };
  return {
    state: join(state, 'vtcode'),
    environment,
    start: (args) => spawn(launcher, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }),
    call(args, options = {}) {
      const { promise, resolve } = Promise.withResolvers<Called>();
      const env = { ...environment, ...options.environment };
      const stdin = options.input === undefined ? 'ignore' : 'pipe';
      const child = spawn(launcher, args, { env, cwd: options.cwd, stdio: [stdin, 'pipe', 'pipe'] });
      child.stdin?.end(options.input);
      let stdout = '';
      let stderr = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
      return promise;
    },
  };
}

/** The JSON lines of an output, parsed. */
export function jsonLines(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
