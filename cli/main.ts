import { packageVersion } from '../orchestrator/package.ts';

// The answer to --version must not wait for anything else to be loaded.
if (process.argv.length === 3 && /^(--version|-V|version)$/.test(process.argv[2] ?? '')) {
  process.stdout.write(`vtcode ${packageVersion()}\n`);
} else {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error of anybody.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { runCli } = await import('./commands.ts');
  process.exitCode = await runCli(process.argv.slice(2), process.env);
}
