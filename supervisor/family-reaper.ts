import { type ChildProcess, spawn } from 'node:child_process';
import { sweepFamily } from './family.ts';
import { identify } from './identity.ts';
import { programPath } from './program.ts';

/** The host's line to its reaper, the process that ends the family when the host dies in any way. */
export type Family = {
  token: string;
  /** Tells the reaper about a child, right after it was started: one that may hide its marks, or where there are none. */
  watch(pid: number): void;
  /** Tells the reaper that a watched child has ended: elsewhere than on Linux its number may soon be another's. */
  forget(pid: number): void;
  /** Lets the reaper end the whole family now, and waits for it. */
  end(): Promise<void>;
  /** Lets the reaper end what may be left, and does not wait: it heeds no signal and is done within moments. */
  release(): Promise<void>;
};

/**
 * Starts the reaper of a family. It is a session of its own, so that no signal to the host's group or terminal reaches
 * it; the end of the host, even by SIGKILL, closes the pipe it reads. `environment` needs no PATH.
 */
export function startFamily(token: string): Family {
  const reaper = spawn(process.execPath, [programPath('reap'), token], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    cwd: '/',
  });
  const swept = new Promise<boolean>((resolve) => {
    reaper.once('exit', (code) => resolve(code === 0));
    reaper.once('error', () => resolve(false));
  });
  reaper.stdin.on('error', () => {});
  forgetOnExit(reaper);
  return {
    token,
    watch(pid) {
      const identity = identify(pid);
      if (identity) reaper.stdin.write(`watch ${pid} ${identity.startTime}\n`);
    },
    forget: (pid) => void reaper.stdin.write(`forget ${pid}\n`),
    async release() {
      if (reaper.exitCode === null && reaper.signalCode === null) reaper.stdin.end();
      else await sweepFamily(token);
    },
    async end() {
      reaper.ref();
      reaper.stdin.end();
      // Without a reaper (it was killed) the family is ended from here.
      if (!(await swept)) await sweepFamily(token);
    },
  };
}

/** The reaper must not keep its host alive. */
function forgetOnExit(reaper: ChildProcess): void {
  reaper.unref();
  const pipe = reaper.stdin;
  if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}
