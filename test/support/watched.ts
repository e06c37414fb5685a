import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { CliEnd } from './called.ts';
import type { TestVtcode } from './vtcode.ts';

/** A vtcode that runs with `--json` while a test looks on. */
export type Watched = {
  child: ChildProcess;
  lines: Record<string, unknown>[];
  /** Resolves with the first event, past or to come, that `wanted` holds for. Rejects when vtcode ends without it. */
  until(wanted: (event: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  ended: Promise<{ code: number | null; signal: string | null; end: CliEnd | null }>;
};

export function watch(vtcode: TestVtcode, args: string[]): Watched {
  const child = vtcode.start([...args, '--json']);
  const lines: Record<string, unknown>[] = [];
  const waiting: ((line: Record<string, unknown> | null) => void)[] = [];
  createInterface({ input: child.stdout! }).on('line', (text) => {
    const line = JSON.parse(text) as Record<string, unknown>;
    lines.push(line);
    for (const tell of [...waiting]) tell(line);
  });
  child.stderr?.resume();
  const ended = new Promise<Awaited<Watched['ended']>>((resolve) => {
    child.on('close', (code, signal) => {
      for (const tell of [...waiting]) tell(null);
      const last = lines.at(-1);
      resolve({ code, signal, end: last?.type === 'cli.ended' ? (last as unknown as CliEnd) : null });
    });
  });
  const until: Watched['until'] = (wanted) => {
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const past = lines.find(wanted);
    if (past) resolve(past);
    waiting.push((line) => {
      if (line === null) reject(new Error(`vtcode ended; its last lines: ${JSON.stringify(lines.slice(-3))}`));
      else if (wanted(line)) resolve(line);
    });
    return promise;
  };
  return { child, lines, until, ended };
}
