import { packageVersion } from '../orchestrator/package.ts';

// The answer to --version must not wait for anything else to be loaded.
if (process.argv.length === 3 && /^(--version|-V|version)$/.test(process.argv[2] ?? '')) {
  process.stdout.write(`vtcode ${packageVersion()}\n`);
} else {
  const { runCli } = await import('./commands.ts');
  process.exitCode = await runCli(process.argv.slice(2), process.env);
}
