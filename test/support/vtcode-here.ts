import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { CommandProcess } from '../../cli/session.ts';
import { userEnvironment } from '../../orchestrator/environment/environment.ts';
import { type CallOptions, type TestVtcode, testVtcode } from './vtcode.ts';

type Commands = typeof import('../../cli/register/commands.ts');

/**
 * The built commands, as `dist/cli.js` loads them. Not the sources: hands, reapers and threads are started from where the
 * commands lie, and from the sources each costs three times as much.
 */
const built = join(import.meta.dirname, '..', '..', 'dist', 'commands.js');

/** `callProcess` starts a process for the command, with pipes. */
export type VtcodeHere = TestVtcode & { callProcess: TestVtcode['call'] };

/**
 * As `testVtcode`, but `call` runs the command inside the test's own process, which saves the start of one. All that the
 * command starts (hands, git, agents, reapers) is as real as ever. For tests that neither kill nor signal the command.
 * A call with a working directory or options of Node gets a process, and `start` always starts one.
 */
export function vtcodeHere(): VtcodeHere {
  const vtcode = testVtcode();
  return {
    ...vtcode,
    callProcess: vtcode.call,
    async call(args, options = {}) {
      if (needsProcess(args, options)) return vtcode.call(args, options);
      const { runCli } = (await import(built)) as Commands;
      const [stdout, stderr] = [heard(), heard()];
      const own = Object.assign(new EventEmitter(), {
        stdin: Readable.from(options.input === undefined ? [] : [options.input]),
        stdout: stdout.stream,
        stderr: stderr.stream,
        exit: (code: number) => assertNoExit(args, code),
      }) as unknown as CommandProcess;
      const place = userEnvironment({ ...vtcode.environment, ...options.environment });
      const code = await runCli(args, { place, early: null, process: own });
      return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
    },
  };
}

function assertNoExit(args: string[], code: number): never {
  throw new Error(`vtcode ${args.join(' ')} ends its process with ${code}: call it with testVtcode()`);
}

/** `sandbox` gives its command the descriptors of the process. */
function needsProcess([command]: string[], { cwd, environment }: CallOptions): boolean {
  return cwd !== undefined || environment?.NODE_OPTIONS !== undefined || command === 'sandbox';
}

/** A stream and all that was written to it so far. */
function heard(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
