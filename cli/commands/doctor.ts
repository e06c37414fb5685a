import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toFault } from '../../ipc/fault.ts';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { requireGit } from '../../orchestrator/git/repository.ts';
import { diagnoseModels, type Finding } from '../../orchestrator/models/doctor.ts';
import { diagnoseWalls } from '../../sandbox/doctor.ts';
import { memoryGroupFolder } from '../../supervisor/memory-group.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode doctor`: what this machine can do for vtcode, and what to do about what it cannot. Exit 2 when runs cannot work. */
export default async function doctor(session: Session): Promise<Outcome> {
  const findings: Finding[] = [
    { what: 'runtime', good: true, words: `Node ${process.versions.node} (${process.execPath})` },
    await attempt('git', () => requireGit({ PATH: session.place.searchPath })),
    await attempt('state', async () => stateWords(session.place.state)),
    await attempt('configuration', async () => configWords(session.place.configFile)),
  ];
  const walls = diagnoseWalls();
  for (const words of walls.lines) findings.push({ what: 'walls', good: walls.ok, words });
  findings.push({ what: 'agent memory', good: true, words: memoryWords(memoryGroupFolder()) });
  findings.push(...(await modelFindings(session)));
  session.emit({ findings });
  for (const { what, good, words, advice } of findings)
    session.say(
      `${good ? 'ok  ' : 'BAD '} ${what.padEnd(14)} ${words}`,
      ...(advice ? [`     ${' '.repeat(14)} ${advice}`] : []),
    );
  return { exitCode: findings.every((finding) => finding.good) ? 0 : 2 };
}

async function attempt(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, good: true, words: await look() };
  } catch (error) {
    const fault = toFault(error);
    return { what, good: false, words: fault.message, ...(fault.advice && { advice: fault.advice }) };
  }
}

function stateWords(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  accessSync(folder, constants.W_OK);
  const probe = join(folder, '.doctor');
  writeFileSync(probe, 'x');
  rmSync(probe);
  return folder;
}

/** How the memory of background agents is limited here. */
function memoryWords(folder: string | null): string {
  return folder === null
    ? 'watched every second and limited by the engine; no control group with a memory limit is delegated to us'
    : `limited by the kernel, in control groups below ${folder}`;
}

function configWords(file: string): string {
  loadConfig(file, null);
  return existsSync(file) ? file : `shipped defaults (no ${file})`;
}

/** Nothing when the configuration cannot be read: that is a finding of its own. */
async function modelFindings({ place }: Session): Promise<Finding[]> {
  try {
    return await diagnoseModels(place.environment, loadConfig(place.configFile, null).config);
  } catch {
    return [];
  }
}
