import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { userEnvironment } from '../orchestrator/environment/environment.ts';
import { packageVersion } from '../orchestrator/environment/package-version.ts';

// The answer to --version must not wait for anything else to be loaded.
if (process.argv.length === 3 && /^(--version|-V|version)$/.test(process.argv[2] ?? '')) {
  process.stdout.write(`vtcode ${packageVersion()}\n`);
} else {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error of anybody.
  for (const output of [process.stdout, process.stderr])
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  const given = process.argv.slice(2);
  // Without a command, at a terminal, start the chat.
  const isBare = given.every(
    (word, at) => /^(--(continue|auto|read-only|plain)|-C.*)$/.test(word) || given[at - 1] === '-C',
  );
  const words = isBare && process.stdin.isTTY && process.stdout.isTTY ? ['chat', ...given] : given;
  const place = userEnvironment(process.env);
  // What the engine made of our code is kept for the next start, 13 ms of it. Not in a folder that is not there yet: who
  // is refused leaves nothing behind.
  if (existsSync(place.state)) enableCompileCache(join(place.state, 'compiled'));
  // What a run with a planner waits for is processes: they come up while the rest is loaded.
  const early = needsPlanner(words) ? (await import('../orchestrator/host/early-start.ts')).startEarly(place) : null;
  const { runCli } = await import('./register/commands.ts');
  process.exitCode = await runCli(words, { place, early, process });
}

/** A guess from the bare words: where it is wrong, what was started early is ended again. */
function needsPlanner(words: string[]): boolean {
  return (
    process.platform === 'linux' &&
    words[0] === 'run' &&
    !words.includes('--detach') &&
    words.some((word) => /^--plan(=|$)/.test(word))
  );
}
