import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HandsPolicy } from '../../../ipc/hands-protocol.ts';
import { newFamilyToken } from '../../../ipc/ids.ts';
import { type HandsStart, startHands } from '../../../orchestrator/hands/hands.ts';
import { type PermittedHands, permitted } from '../../support/permitted.ts';
import { builtHands } from '../../support/vtcode.ts';

/** A workspace, its private folders, and an `outside` that stands for everything of the person's. */
export type TestHands = { policy: HandsPolicy; workspace: string; outside: string };

/** Makes a place under /var/tmp (what lies under /tmp would be below the hands' own /tmp). Removed after the test. */
export function place(context: Pick<TestContext, 'after'>, files: Record<string, string | Buffer> = {}): TestHands {
  const top = realpathSync(mkdtempSync('/var/tmp/vtcode-test-'));
  context.after(() => rmSync(top, { recursive: true, force: true }));
  const folder = (name: string) => {
    mkdirSync(join(top, name));
    return join(top, name);
  };
  const workspace = folder('workspace');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  const policy: HandsPolicy = {
    ...{ workspace, mode: 'write', writable: [], readable: [], network: [] },
    ...{ home: folder('home'), temporary: folder('temporary'), outputs: folder('outputs'), path: [], hidden: [] },
    languageServers: {},
    kept: [join(workspace, '.git')],
    ...{ pinned: [], masked: [], refused: [] },
    limits: { outputBytesMax: 20_000, fileBytesMax: 1_000_000, memoryBytesMax: 2 ** 31, processesMax: 100 },
  };
  return { policy, workspace, outside: folder('outside') };
}

/** Real hands for a policy; stopped after the test. */
export async function handsAt(
  context: Pick<TestContext, 'after'>,
  policy: HandsPolicy,
  onHosts?: HandsStart['onHosts'],
): Promise<PermittedHands> {
  const environment = { PATH: process.env.PATH, HOME: homedir() };
  const hands = await startHands({
    ...{ policy, family: newFamilyToken(), environment, program: builtHands },
    ...(onHosts && { onHosts }),
  });
  context.after(() => hands.stop());
  return permitted(hands);
}

/** Runs a command at the workspace's top: its exit code and what it printed. */
export async function sh(
  hands: PermittedHands,
  command: string,
  timeoutMs = 20_000,
): Promise<{ code: number | null; text: string }> {
  const report = await hands.run({ command, directory: '.', timeoutMs });
  return { code: report.exitCode, text: report.tail };
}
