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

/** What a command prints is kept up to so many times what is shown of it (tools/program/command-output.ts), and a remark of ours. */
const [timesShown, remarkBytes] = [50, 1024];

/** Where whole outputs are kept, and what of them. */
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
 * Takes the output of a command that has ended out of the hands' folder, where commands may have put something else in its
 * place, and secrets out of it, for the hands know no key of the person. First it is moved to where no command reaches, then it
 * is looked at: what is no plain file of one name goes. Answers where it lies.
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
  // Byte by byte, so that what is no text stays what it is; keys are plain letters.
  const redacted = redaction.text(text);
  if (redacted === text) return;
  writeFileSync(path, Buffer.from(redacted.replace(/[‹›]/g, bytewise), 'latin1'), { mode: 0o600 });
}

function bytewise(letter: string): string {
  return Buffer.from(letter).toString('latin1');
}

/** What hands call the output of an order. Nothing else that lies there is taken: the name would be a command's choice. */
const orderName = /^[\w-]{6}-\d+\.log$/;

/** The same for what a host that died left with its hands; `homes` is the run's folder for them. */
export function keepLeftOutputs(homes: string, keep: Keep): void {
  if (!existsSync(homes)) return;
  for (const tree of readdirSync(homes)) {
    const outputs = join(homes, tree, 'out');
    if (!existsSync(outputs)) continue;
    for (const name of readdirSync(outputs))
      if (orderName.test(name) && !existsSync(join(keep.folder, name))) keepOutput(join(outputs, name), keep);
  }
}
