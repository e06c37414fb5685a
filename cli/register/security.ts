import { Argument } from 'commander';
import { collect, type Register } from './background.ts';

/** Adds the commands by which a person allows, forbids and looks at what was done. */
export function addSecurity(command: Register): void {
  command(
    'approve <id>',
    'allow a call that waits, or accept the plan of a run that waits',
    () => import('../commands/approve.ts'),
  )
    .option('--for <scope>', 'once, task, run, or always (in future runs too)')
    .option('--decline', 'decline it instead');
  command(
    'sandbox [command...]',
    'run anything behind the walls of an agent: -- <command…>',
    () => import('../commands/sandbox.ts'),
  )
    .option('--read-only', 'make the folder read-only too')
    .option(
      '--network <host>',
      'a host that it may reach: api.example.org, *.example.org:8443; may be given again',
      collect,
    )
    .addHelpText(
      'after',
      '\nIt ends as the command ends (128 + n for a signal), and nothing the command started is left.',
    );
  command('deny <id> [why...]', 'the opposite of approve; the agent is told why', () => import('../commands/deny.ts'));
  command('approvals', 'list what waits for you, of every run', () => import('../commands/approvals.ts'));
  command(
    'policy',
    'what the policy says of a shell line: 0 allowed, 3 asked, 1 denied',
    () => import('../commands/policy.ts'),
  )
    .addArgument(new Argument('<act>').choices(['explain']))
    .argument('<line>', 'the line, as one word');
  command('audit', 'whether logs are whole, and what was done by whose leave', () => import('../commands/audit.ts'))
    .addArgument(new Argument('<act>').choices(['verify', 'show', 'anchor']))
    .argument('[run]')
    .option('--commands', 'show: only commands that were run')
    .option('--denied', 'show: only refused calls')
    .option('--approvals', 'show: only approvals')
    .option('--hosts', 'show: only connections to other machines, made or refused')
    .option(
      '--anchor <number:hash>',
      'verify: compare with what audit anchor once printed; may be given again',
      collect,
    );
  command(
    'trust',
    "let agents follow a repository's instruction files and set-up, as they are now",
    () => import('../commands/trust.ts'),
  )
    .option('-y, --yes', 'do not ask')
    .option('--remove', 'no longer trust it');
}
