import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import type { RanReport, WallsReport } from '../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../ipc/ids.ts';
import { timerMsMax } from '../../ipc/timer.ts';
import { whatIsWrong } from '../../sandbox/grants.ts';
import type { HostUse } from '../../sandbox/proxy.ts';
import { ownPermit } from '../../security/judge.ts';
import { statePaths } from '../../state/paths.ts';
import { familyNumber } from '../../supervisor/limit-mark.ts';
import { livingFamilies } from '../../supervisor/process-tree.ts';
import { startFamily } from '../../supervisor/process-tree-reaper.ts';
import { loadConfig } from '../config/config.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { type PolitelyEnding, startHands } from '../hands/hands.ts';
import { handsPolicyOf } from '../hands/policy.ts';
import { guardedIn } from '../worktrees/own-places.ts';
import { makeFolders, privateFolders } from '../worktrees/private-home.ts';

export type SandboxWish = {
  /** The folder where it starts, and that it may write to, or with `read` only read. */
  directory: string;
  mode: 'read' | 'write';
  /** Allowed network hosts in addition to those of the configuration (sandbox/grants.ts). */
  network: string[];
  /** The program and its arguments. */
  words: string[];
  /** Gets a function that ends the command: it asks first, and kills after a delay or at the second call. */
  onStarted(end: (signal: PolitelyEnding) => void): void;
};

/** The result: the exit code as a shell gives it, the sandbox that it ran in, and remarks for a person. */
export type SandboxEnd = { exitCode: number; walls: WallsReport; hosts: HostUse[]; notes: string[] };

/** Between the request to end and the kill, in milliseconds. */
const graceMs = 10_000;
/** How long such a folder may have no process, in milliseconds. */
const startingMs = 60_000;
/** The longest delay of a timer, in milliseconds: a person's command has no deadline. */
const timeoutMs = timerMsMax;

/**
 * Runs a person's command in the same sandbox as an agent's command in that folder, with our own input and outputs.
 * When it returns, all processes that the command started have ended. Throws the configuration's Faults,
 * sandbox_unavailable and process_failed.
 */
export async function runInSandbox(place: UserEnvironment, wish: SandboxWish): Promise<SandboxEnd> {
  const wrong = wish.network.map(whatIsWrong).find((words) => words !== undefined);
  if (wrong)
    throw new Fault('usage', `--network ${wrong}.`, { advice: 'vtcode sandbox --help shows what can be said.' });
  const used: HostUse[] = [];
  const workspace = realpathSync(resolve(wish.directory));
  const { config, notes } = loadConfig(place.configFile, join(workspace, 'agents.toml'));
  const { sandboxes } = statePaths(place.state);
  mkdirSync(sandboxes, { recursive: true, mode: 0o700 });
  removeLeft(sandboxes);
  const token = newFamilyToken();
  const folder = join(sandboxes, token);
  const own = makeFolders(privateFolders(folder, 'own'));
  const family = startFamily(token);
  try {
    const gitDir = join(workspace, '.git');
    const readable = existsSync(gitDir) ? [gitDir] : [];
    config.network = { ...config.network, allow: [...new Set([...config.network.allow, ...wish.network])] };
    const { kept: places, pinned, instructing } = guardedIn(workspace, [place.state, dirname(place.configFile)]);
    const kept = [...places, ...instructing];
    const policy = handsPolicyOf(config, { workspace, mode: wish.mode, kept, pinned, readable, ...own });
    const { watch, forget } = family;
    const hands = await startHands({
      ...{ policy, family: token, watch, forget, environment: place.environment, passed: true },
      onHosts: (_by, hosts) => used.push(...hosts),
    });
    if (!hands.walls.keeps && policy.kept.length > 0)
      notes.push('Nothing on this machine keeps .git in this folder from the command; --read-only keeps everything.');
    const [id, command, abort] = ['command', `exec ${wish.words.map(quoted).join(' ')}`, new AbortController()];
    let asked: NodeJS.Timeout | undefined;
    wish.onStarted((signal) => {
      if (asked) return abort.abort();
      hands.signal(id, signal);
      asked = setTimeout(() => abort.abort(), graceMs);
    });
    const { TERM = 'dumb', COLORTERM } = place.environment;
    const environment = { TERM, ...(COLORTERM !== undefined && { COLORTERM }) };
    const order = { id, command, directory: '.', timeoutMs, environment, passed: true, signal: abort.signal };
    try {
      const report = await hands.run(ownPermit(command, '.'), order);
      if (report.tail !== '') notes.push(report.tail);
      return { exitCode: exitCodeOf(report), walls: hands.walls, hosts: used, notes };
    } finally {
      clearTimeout(asked);
      await hands.stop();
    }
  } finally {
    await family.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Folders of killed commands. A command whose processes are just starting has no member yet, so it is left for a while.
 */
function removeLeft(sandboxes: string): void {
  const isOld = (name: string) => Date.now() - statSync(join(sandboxes, name)).ctimeMs > startingMs;
  const old = readdirSync(sandboxes).filter(isOld);
  const living = old.length === 0 ? new Set<string>() : livingFamilies();
  for (const name of old.filter((token) => /^[0-9a-f]{32}$/.test(token) && !living.has(familyNumber(token))))
    rmSync(join(sandboxes, name), { recursive: true, force: true });
}

/** A shell's exit code for how a command ended: 128 plus the number of the signal that ended it. */
function exitCodeOf({ exitCode, signal }: RanReport): number {
  return exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** A word, quoted so that the shell reads it back unchanged. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
