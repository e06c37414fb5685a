import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Redactor } from '../../ipc/redaction.ts';
import type { RunAccess } from '../runs/run-access.ts';

/** How much output is kept: so many times the shown part (tools/program/command-output.ts), and a remark of ours. */
const [timesShown, remarkBytes] = [50, 1024];

/** Where whole outputs are kept, and how much of them. */
export type Keep = { folder: string; redaction: Redactor; shownBytesMax: number };

/** Where the outputs of this run's commands are kept, and how much of each. */
export function keepIn({
  paths,
  redaction,
  state,
}: Pick<RunAccess, 'paths' | 'state'> & { redaction: Redactor }): Keep {
  return { folder: paths.out, redaction, shownBytesMax: state().created.config.limits.output_kb * 1024 };
}

/**
 * Moves the output of a finished command out of the hands' folder, where commands may have replaced it, and removes
 * secrets, because the hands know no key of the person. It is first moved to a place that no command can reach, then
 * checked: if it is not a plain file with one name, it is deleted. Returns its path.
 */
export function keepOutput(dropped: string, { folder, redaction, shownBytesMax }: Keep): string {
  const kept = join(folder, basename(dropped));
  if (lstatSync(dropped, { throwIfNoEntry: false })) renameSync(dropped, kept);
  const found = lstatSync(kept, { throwIfNoEntry: false });
  if (!found?.isFile() || found.nlink !== 1) {
    rmSync(kept, { recursive: true, force: true });
    writeFileSync(kept, '[vtcode: the command took its own output away]\n', { mode: 0o600, flag: 'wx' });
    return kept;
  }
  if (found.size > shownBytesMax * timesShown + remarkBytes) truncateSync(kept, shownBytesMax * timesShown);
  redactFile(kept, redaction);
  return kept;
}

function redactFile(path: string, redaction: Redactor): void {
  const text = readFileSync(path, 'latin1');
  // Byte by byte, so that binary data stays unchanged; keys are plain letters.
  const redacted = redaction.text(text);
  if (redacted === text) return;
  writeFileSync(path, Buffer.from(redacted.replace(/[‹›]/g, bytewise), 'latin1'), { mode: 0o600 });
}

function bytewise(letter: string): string {
  return Buffer.from(letter).toString('latin1');
}

/** The hands' name for the output of an order. No other file there is taken: a command could have chosen its name. */
const orderName = /^[\w-]{6}-\d+\.log$/;

/** The same for outputs that a dead host left with its hands; `homes` is the run's folder for them. */
export function keepLeftOutputs(homes: string, keep: Keep): void {
  if (!existsSync(homes)) return;
  for (const tree of readdirSync(homes)) {
    const outputs = join(homes, tree, 'out');
    if (!existsSync(outputs)) continue;
    for (const name of readdirSync(outputs))
      if (orderName.test(name) && !existsSync(join(keep.folder, name))) keepOutput(join(outputs, name), keep);
  }
}
