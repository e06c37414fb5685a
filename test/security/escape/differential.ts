import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HandsPolicy } from '../../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../../ipc/ids.ts';
import { commandShell } from '../../../orchestrator/environment/shell.ts';
import { startHands } from '../../../orchestrator/hands/hands.ts';
import { groundOf } from '../../../orchestrator/tool-calls/ground.ts';
import { folderPolicy } from '../../../orchestrator/worktrees/tree-hands.ts';
import { judgeEach, ownPermit } from '../../../security/judge.ts';
import { random } from '../../support/random.ts';
import { builtHands } from '../../support/vtcode.ts';
import { plant, printsOf, restore } from './canaries.ts';
import { lineDisguises, pathDisguises, plainPaths } from './disguises.ts';
import { accessTo } from './play.ts';
import { readers, writers } from './table.ts';

/** Files whose content tells their name. */
const telling = ['a.txt', 'b.txt', 'docs/plain.txt', 'src/main.js', 'tpl/a.txt'];
const tokenOf = (path: string) => `TOKEN${path.replace(/\W/g, 'q')}`;

export type Compared = { lines: number; compared: number; programs: number; wrong: string[] };

/**
 * Compares the reading of lines with what really happens: a line that was judged to only look is run where it may write
 * and where nothing is hidden. It must change nothing, and show no file that the reading did not name.
 */
export async function compare({ seed, amount }: { seed: number; amount: number }): Promise<Compared> {
  const top = realpathSync(mkdtempSync('/var/tmp/vtcode-compare-'));
  const place = plant(top, true);
  for (const path of telling) place.files[path] = `${tokenOf(path)}\n${tokenOf(path)} two\n`;
  for (const path of telling) writeFileSync(join(place.workspace, path), place.files[path] ?? '');
  const access = accessTo(place, 'ask', true);
  const policy: HandsPolicy = { ...folderPolicy(access, 'write'), kept: [], pinned: [], masked: [] };
  const environment = { PATH: process.env.PATH, HOME: homedir() };
  const hands = await startHands({ policy, family: newFamilyToken(), environment, program: builtHands });
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const families = [...Object.values(readers), ...Object.values(writers)];
  const before = printsOf(top);
  let now = before;
  const found: Compared = { lines: 0, compared: 0, programs: 0, wrong: [] };
  const programs = new Set<string>();
  try {
    for (; found.lines < amount; found.lines += 1) {
      const { word, before: first = '' } = pick(pathDisguises)(pick(plainPaths));
      const template = pick(pick(families));
      const line = pick(lineDisguises)(first + template.replaceAll('@P', word).replaceAll('@N', '9'));
      const [own] = judgeEach([{ kind: 'run', command: line, directory: '.' }], groundOf('agent', access));
      if (!own?.looks) continue;
      found.compared += 1;
      programs.add(template.split(' ')[0] ?? '');
      const order = { command: line, directory: '.', shell: commandShell(), timeoutMs: 3_000 };
      const { tail } = await hands.run(ownPermit(line, '.'), order);
      const after = printsOf(top);
      const changed = [...new Set([...now.keys(), ...after.keys()])].filter(
        (path) => now.get(path) !== after.get(path),
      );
      if (changed.length > 0) found.wrong.push(`${line}\n      changed ${changed[0]}`);
      const shown = telling.filter(
        (path) => tail.includes(tokenOf(path)) && !own.reads.some((read) => covers(read, path)),
      );
      if (shown.length > 0) found.wrong.push(`${line}\n      showed ${shown}, read was ${own.reads.join(' ')}`);
      if (changed.length === 0) continue;
      restore(place, before, after);
      now = printsOf(top);
    }
  } finally {
    await hands.stop();
    rmSync(top, { recursive: true, force: true });
    rmSync(dirname(access.paths.home), { recursive: true, force: true });
  }
  return { ...found, programs: programs.size };
}

/** Whether a path that was read as named is another one, holds it, or may mean it. */
function covers(read: string, path: string): boolean {
  const plain = read.replace(/^\.\//, '').replace(/\/$/, '');
  const wild = plain.search(/[*?[…\ue000]/);
  if (wild >= 0) return path.startsWith(plain.slice(0, wild));
  return plain === '' || plain === '.' || path === plain || path.startsWith(`${plain}/`);
}
