import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '../../ipc/fault.ts';
import { type ServiceFile, serviceFile } from '../../orchestrator/operations/service.ts';
import { packageFolder } from '../../supervisor/program.ts';
import { programOutput } from '../../supervisor/program-output.ts';
import type { Outcome, Session } from '../session.ts';

/** How long the system's own tool may take, in milliseconds. */
const toolMsMax = 20_000;

/** `vtcode service install|status|uninstall`: whether detached runs go on after a reboot. */
export default async function service(
  session: Session,
  _options: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const { environment, home } = session.place;
  const file = serviceFile(process.platform, { launcher: join(packageFolder(), 'cli', 'vtcode'), home, environment });
  if (!file)
    throw new Fault('usage', `There is no service for ${process.platform}.`, {
      advice: 'After a reboot, start it by hand: vtcode supervise',
    });
  if (words[0] === 'install') return install(session, file);
  if (words[0] === 'uninstall') return uninstall(session, file);
  return status(session, file);
}

async function install(session: Session, file: ServiceFile): Promise<Outcome> {
  try {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.text);
  } catch (cause) {
    throw new Fault('usage', `${file.path} cannot be written: ${(cause as Error).message}`, {
      cause,
      advice: 'Check its permissions.',
    });
  }
  session.say(`Wrote ${file.path}.`);
  const failure = await runAll(session, file.start);
  if (failure !== null)
    throw new Fault('process_failed', `It was written, and could not be started: ${failure}`, {
      advice: `Where there is no ${file.start[0]?.[0]}, have your system run 'vtcode supervise' at login.`,
    });
  session.emit({ path: file.path, installed: true });
  session.say('Detached runs go on after a reboot. With systemd, before anybody logs in too: loginctl enable-linger');
  return { exitCode: 0 };
}

async function uninstall(session: Session, file: ServiceFile): Promise<Outcome> {
  const wasThere = existsSync(file.path);
  // The service manager may not know it any more, or not be there: the file is what would start it.
  if (wasThere) await runAll(session, file.stop);
  rmSync(file.path, { force: true });
  session.emit({ path: file.path, installed: false });
  session.say(wasThere ? `Removed ${file.path}.` : 'There is no service.');
  return { exitCode: 0 };
}

async function status(session: Session, file: ServiceFile): Promise<Outcome> {
  const isInstalled = existsSync(file.path);
  const failure = isInstalled ? await runAll(session, [file.status]) : null;
  session.emit({ path: file.path, installed: isInstalled, enabled: isInstalled && failure === null });
  if (!isInstalled) session.say('There is no service: detached runs wait after a reboot. vtcode service install');
  else session.say(failure === null ? `Installed: ${file.path}` : `Written to ${file.path}, not enabled: ${failure}`);
  return { exitCode: isInstalled && failure === null ? 0 : 1 };
}

/** Runs the programs one after the other; answers why the first that failed did, or null. */
async function runAll(session: Session, programs: string[][]): Promise<string | null> {
  const order = { environment: session.place.environment, directory: '/', limitMs: toolMsMax };
  for (const argv of programs) {
    const { code, reason, stderr } = await programOutput(argv, order);
    if (code !== 0) return `${argv.join(' ')} ${reason}${stderr === '' ? '' : `: ${stderr.trim().split('\n')[0]}`}`;
  }
  return null;
}
