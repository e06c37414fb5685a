import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Event } from '../../../ipc/events.ts';
import { newFamilyToken } from '../../../ipc/ids.ts';
import { loadConfig } from '../../../orchestrator/config/config.ts';
import { commandShell } from '../../../orchestrator/environment/shell.ts';
import { startHands } from '../../../orchestrator/hands/hands.ts';
import { handsPool } from '../../../orchestrator/hands/pool.ts';
import { startProcess } from '../../../orchestrator/hands/process.ts';
import { groundOf } from '../../../orchestrator/tool-calls/ground.ts';
import { commandNeeds } from '../../../orchestrator/tool-calls/run-command.ts';
import { handsForCommand } from '../../../orchestrator/worktrees/agent-hands.ts';
import { commandView, lacksViews } from '../../../orchestrator/worktrees/command-view.ts';
import { noTreeNotes, type TreeAccess } from '../../../orchestrator/worktrees/run-trees.ts';
import { decide, judgeEach } from '../../../security/judge.ts';
import { isSecretPath } from '../../../security/paths/secret-files.ts';
import { ownGitSteps } from '../../../security/programs/own-git.ts';
import { begin } from '../../../state/fold.ts';
import { builtHands } from '../../support/vtcode.ts';
import { type Canaries, effectsOf, plant, printsOf, restore } from './canaries.ts';
import { hostileLines } from './lines.ts';

export type Played = {
  lines: number;
  /** Lines that were carried out, all others were asked or denied. */
  ran: number;
  looked: number;
  walls: string;
  faults: string[];
};
/** `given`: lines in place of generated ones; `isBare`: the folder holds no keys, and no rule denies anything. */
type Wish = { seed: number; amount: number; given?: Iterable<string>; isBare?: boolean };
type Permissions = 'ask' | 'auto';

/**
 * Has the real gate judge lines of an adversary, runs what it allows in real hands with the view of that verdict, and
 * looks at the canaries after each. No question is answered: a line that is asked is not run.
 */
export async function play({ seed, amount, given, isBare = false }: Wish): Promise<Played> {
  const top = realpathSync(mkdtempSync('/var/tmp/vtcode-escape-'));
  const place = plant(top, isBare);
  const heard: string[] = [];
  const server = createServer((socket) => {
    heard.push('reached a server of this machine');
    socket.on('error', () => {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const modes = { ask: accessTo(place, 'ask', isBare), auto: accessTo(place, 'auto', isBare) };
  const lines = given ?? hostileLines(seed, { outside: place.outside, port: (server.address() as AddressInfo).port });
  const played: Played = { lines: 0, ran: 0, looked: 0, walls: '', faults: [] };
  const before = printsOf(top);
  let now = before;
  try {
    for (const line of lines) {
      if (played.lines === amount) break;
      played.lines += 1;
      const mode = played.lines % 4 === 0 ? 'ask' : 'auto';
      const ran = await carriedOut(line, modes[mode]);
      if (!ran) continue;
      played.ran += 1;
      if (ran.looks) played.looked += 1;
      played.walls = ran.walls;
      const after = printsOf(top);
      const found = [
        ...effectsOf({ ...place, isHeld: ran.walls.includes('private file view') }, now, after, ran.output),
        ...heard.splice(0),
      ];
      if (
        ran.looks &&
        [...now, ...after].some(([path, print]) => now.get(path) !== after.get(path) || after.get(path) !== print)
      )
        found.push('changed the work tree although it only looks');
      if (found.length > 0) played.faults.push(`${mode}: ${line}\n      ${[...new Set(found)].slice(0, 4).join('; ')}`);
      restore(place, before, after);
      now = printsOf(top);
    }
  } finally {
    await Promise.all(Object.values(modes).map(({ hands }) => hands.stopAll()));
    server.close();
    rmSync(top, { recursive: true, force: true });
    for (const { paths } of Object.values(modes)) rmSync(dirname(paths.home), { recursive: true, force: true });
  }
  return played;
}

/** Runs a line as a run would, if the gate allows it. Git that the host itself runs is not this adversary's matter. */
async function carriedOut(line: string, access: TreeAccess) {
  const agent = 'agent';
  if (lacksViews(access.state().walls)) await commandView(access, null, agent);
  const ground = groundOf(agent, access);
  const effect = { kind: 'run' as const, command: line, directory: '.' };
  const first = judgeEach([effect], ground);
  // A save has no file that git ignores: the host then asks.
  const isLost = first.some(({ destroys }) => destroys.some(isSecretPath));
  const judged = isLost ? judgeEach([effect], { ...ground, saves: false }) : first;
  const whole = decide(judged);
  const [own] = judged;
  if (whole.verdict !== 'allow' || !own || ownGitSteps(line)) return undefined;
  const needs = commandNeeds(line, own, false);
  const { hands } = await handsForCommand(access, agent, needs);
  const order = { command: line, directory: '.', shell: commandShell(), timeoutMs: 3_000 };
  const report = await hands.run(whole.permit, order);
  return { output: report.tail, looks: needs.looks, walls: hands.walls.summary };
}

/** The rights of a host over a run of one agent in the person's own folder. */
export function accessTo({ top, workspace }: Canaries, permissions: Permissions, isBare: boolean): TreeAccess {
  const { config } = loadConfig(join(top, 'nowhere.toml'), null);
  if (!isBare) {
    config.policy.paths.deny = ['private/**'];
    config.policy.commands.deny = [...config.policy.commands.deny, 'mkfifo'];
  }
  const folder = realpathSync(mkdtempSync('/var/tmp/vtcode-escape-run-'));
  const state = begin({
    ...{ type: 'run.created', seq: 1, at: new Date(0).toISOString(), run: 'r', v: 1, goal: 'x', program: 'test' },
    ...{
      repository: { root: workspace, gitDir: join(workspace, '.git') },
      config,
      options: { mode: 'work', permissions },
    },
  } as unknown as Event);
  const environment = { PATH: process.env.PATH, HOME: homedir() };
  const start = { family: newFamilyToken(), environment, program: builtHands };
  const paths = { home: join(folder, 'home'), out: join(folder, 'out'), trees: join(folder, 'trees') };
  for (const one of Object.values(paths)) mkdirSync(one, { recursive: true });
  const hands = handsPool({
    process: (policy) => startProcess({ ...start, policy } as Parameters<typeof startProcess>[0]),
    hands: (policy, early) => startHands({ ...start, policy }, early),
  });
  const access = { run: 'r', paths, state: () => state, signal: new AbortController().signal, hands };
  return { ...access, git: { gitDir: '' }, trees: noTreeNotes(), own: [] } as unknown as TreeAccess;
}

/** As a program: `node play.ts <seed> <amount> [bare]` prints what came of it. */
if (import.meta.main) {
  const [seed = 1, amount = 300] = process.argv.slice(2, 4).map(Number);
  process.stdout.write(JSON.stringify(await play({ seed, amount, isBare: process.argv[4] === 'bare' })));
}
