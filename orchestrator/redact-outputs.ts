import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redactor } from '../ipc/redaction.ts';
import type { RunState } from '../state/run-state.ts';

/** Takes secrets out of a file of outputs that the hands, who know no key of the person, have written. */
export function redactFile(path: string, redaction: Redactor): void {
  const text = readFileSync(path, 'latin1');
  // Byte by byte, so that what is no text stays what it is; keys are plain letters.
  const redacted = redaction.text(text);
  if (redacted === text) return;
  writeFileSync(path, Buffer.from(redacted.replace(/[‹›]/g, bytewise), 'latin1'), { mode: 0o600 });
}

function bytewise(letter: string): string {
  return Buffer.from(letter).toString('latin1');
}

/** The same for what a host that died left half written: every file that changed since it began. */
export function redactLeftovers(folder: string, { hosts }: RunState, redaction: Redactor): void {
  const since = Date.parse(hosts.at(-1)?.at ?? '');
  if (Number.isNaN(since) || !existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const file = statSync(join(folder, name));
    if (file.isFile() && file.mtimeMs >= since) redactFile(join(folder, name), redaction);
  }
}
