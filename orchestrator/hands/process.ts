import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { HandsOrder, HandsPolicy } from '../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../ipc/ids.ts';
import { installedPrograms } from '../../sandbox/installed.ts';
import { handsLauncher, linuxLauncher } from '../../sandbox/launcher.ts';
import { runtimeFolders } from '../../sandbox/paths.ts';
import { type Child, startChild } from '../../supervisor/child.ts';
import { familyVariable, handsVariable } from '../../supervisor/process-tree.ts';
import { packageFolder, packageFolders, programPath } from '../../supervisor/program.ts';

/** The data that a process needs before it gets its policy. */
export type ProcessStart = {
  /** On macOS the whole policy: without it the process cannot be started inside walls. */
  policy: Pick<HandsPolicy, 'home' | 'temporary'> | HandsPolicy;
  /** Token of the host's family (supervisor/process-tree.ts). */
  family: string;
  /** Tells the family's reaper about the new process (`Family.watch`). */
  watch?: (pid: number) => void;
  /** The person's environment. Only PATH and HOME are used: to find programs, and to know what must stay unreadable. */
  environment: Record<string, string | undefined>;
  /** Commands may be run with our own input and outputs. */
  passed?: boolean;
  /** Absolute path of the hands program; absent: the one beside this code. Tests of the sources name the built one. */
  program?: string;
};

/** A process that waits for the policy that makes it hands. Until then it has our own rights, and does nothing. */
export type HandsProcess = { child: Child<HandsOrder>; mark: string; installed: string[] };

/**
 * Starts the process of hands early, so that their first order need not wait for it. The caller hands it on or kills
 * it. Loads little: a run starts its first one before anything else (orchestrator/host/early-start.ts).
 */
export function startProcess(start: ProcessStart): HandsProcess {
  const { PATH: systemPath = '/usr/local/bin:/usr/bin:/bin', HOME: userHome = homedir() } = start.environment;
  const installed = installedPrograms(systemPath, userHome);
  const mark = newFamilyToken();
  const child = startChild<HandsOrder>({
    program: start.program ?? programPath('hands'),
    launcher: launcherFor(start.policy, installed.readable, userHome),
    nodeOptions: ['--disable-sigusr1', '--disable-warning=ExperimentalWarning'],
    environment: {
      ...installed.environment,
      PATH: withoutOurOwn(systemPath),
      LANG: 'C.UTF-8',
      HOME: start.policy.home,
      TMPDIR: start.policy.temporary,
      [familyVariable]: start.family,
      [handsVariable]: mark,
    },
    directory: '/',
    ...(start.passed && { passed: true }),
  });
  start.watch?.(child.pid);
  return { child, mark, installed: installed.readable };
}

function launcherFor(policy: ProcessStart['policy'], installed: string[], userHome: string): string[] {
  if (!('workspace' in policy)) return linuxLauncher();
  const readable = [...packageFolders(), ...runtimeFolders(process.execPath, userHome)];
  return handsLauncher({ ...policy, readable: [...policy.readable, ...installed] }, readable);
}

/** PATH without the folders of vtcode's own dependencies: a repository's check must not find our TypeScript. */
function withoutOurOwn(path: string): string {
  const around = dirname(packageFolder());
  const own = [
    join(packageFolder(), 'node_modules/.bin'),
    basename(around) === 'node_modules' ? join(around, '.bin') : '',
  ];
  return path
    .split(':')
    .filter((folder) => folder !== '' && !own.includes(folder))
    .join(':');
}
