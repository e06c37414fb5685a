import { ensureSupervise } from '../../orchestrator/runs/detach.ts';
import { overview, type Row } from '../../orchestrator/runs/overview.ts';
import { age, cut, tableLines } from '../../tui/text/text.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode ps`: every run and agent on this machine that has not finished, of every workspace; all with `-a`. */
export default async function ps(session: Session, options: Record<string, unknown>): Promise<Outcome> {
  const rows = overview(session.place, {
    all: options.all === true,
    unreadable: (run, why) => session.warn(`${run}: ${why}`),
  });
  // `supervise` starts the hosts that such runs wait for.
  if (rows.some((row) => row.state === 'restarting' || row.state === 'starting')) await ensureSupervise(session.place);
  session.emit({ rows });
  if (rows.length > 0) session.say(...table(rows, Date.now(), session.process.stdout.columns ?? 200));
  else session.say('Nothing is at work. vtcode ps -a shows what has finished.');
  return { exitCode: 0 };
}

const heads = ['ID', 'NAME', 'STATE', 'PROGRESS', 'MODEL', 'TOKENS', 'COST', 'MEMORY', 'RESTARTS', 'TASK'];

/** The rows as lines under a head; the last column takes what is left of the width. Pure. */
function table(rows: Row[], now: number, width: number): string[] {
  const lines = tableLines([heads, ...rows.map((row) => cellsOf(row, now))]);
  return lines.map((line) => cut(line, Math.max(width, 120)));
}

function cellsOf(row: Row, now: number): string[] {
  return [
    row.agent === null ? row.run : `  ${row.agent}`,
    row.agent === null ? (row.name ?? '') : (row.role ?? ''),
    row.agent === null && row.live && !row.detached ? `${row.state} (attached)` : row.state,
    `${age(now - Date.parse(row.progressAt))} ago`,
    row.models.join(',') || '-',
    row.tokens === 0 ? '-' : row.tokens.toLocaleString('en'),
    row.usd === 0 ? '-' : `$${row.usd.toFixed(row.usd < 1 ? 4 : 2)}`,
    row.memoryBytes === null ? '-' : `${Math.round(row.memoryBytes / 2 ** 20)} MB`,
    String(row.restarts),
    row.task,
  ];
}
