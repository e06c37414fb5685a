import { Fault } from '../../ipc/fault.ts';
import { type AuditRow, auditRows, readAnchor, verifyRun } from '../../orchestrator/operations/audit.ts';
import { listRuns, requireRun } from '../../orchestrator/runs/find-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import type { Anchor } from '../../state/audit-chain.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { Outcome, Session } from '../session.ts';

type Options = { commands?: boolean; denied?: boolean; approvals?: boolean; hosts?: boolean; anchor?: string[] };

/** `vtcode audit verify|show|anchor`: whether logs are whole, what was done by whose leave, and a proof to keep elsewhere. */
export default async function audit(
  session: Session,
  given: Record<string, unknown>,
  words: string[],
): Promise<Outcome> {
  const options = given as Options;
  const [act, wanted] = words;
  if (act !== 'show' && (options.commands || options.denied || options.approvals || options.hosts))
    throw new Fault('usage', `--commands, --denied, --approvals and --hosts are for vtcode audit show.`, {
      advice: 'Leave them out.',
    });
  if (options.anchor && (act !== 'verify' || wanted === undefined))
    throw new Fault('usage', '--anchor is for vtcode audit verify <run>.', { advice: 'Say which run it belongs to.' });
  if (act === 'show') {
    if (wanted === undefined)
      throw new Fault('usage', 'The run is missing.', { advice: 'Say: vtcode audit show <run>' });
    return show(session, requireRun(session.place, wanted), options);
  }
  const runs = wanted === undefined ? listRuns(session.place) : [requireRun(session.place, wanted)];
  return act === 'anchor' ? anchor(session, runs) : verify(session, runs, (options.anchor ?? []).map(anchorOf));
}

function anchorOf(text: string): Anchor {
  const found = readAnchor(text, '--anchor');
  if (found) return found;
  throw new Fault('usage', `--anchor ${text} is none.`, {
    advice: 'It is what vtcode audit anchor printed: <number>:<hash>.',
  });
}

async function verify(session: Session, runs: string[], given: Anchor[]): Promise<Outcome> {
  let exitCode = 0;
  for (const run of runs) {
    const { events, head, broken, contradicted, anchored, anchors } = await verifyRun(session.place, run, given);
    const isWhole = broken === null && contradicted.length === 0;
    if (!isWhole) exitCode = 1;
    session.emit({ run, consistent: isWhole, events, head, broken, contradicted, anchored });
    if (broken) session.say(`${run}  BROKEN at event ${broken.seq}: ${broken.why}`);
    for (const { where, seq } of contradicted)
      session.say(`${run}  CONTRADICTED by ${where}: event ${seq} is ${seq > events ? 'not there' : 'another one'}`);
    if (isWhole) session.say(`${run}  consistent up to ${events}, ${anchorWords(anchored, events, anchors)}`);
  }
  if (runs.length === 0) session.say('There is no run.');
  return { exitCode };
}

function anchorWords(anchored: number, events: number, anchors: Anchor[]): string {
  if (anchored === 0) return 'unanchored';
  const places = [...new Set(anchors.map(({ where }) => where.replace(/^commit .*/, 'commits')))].join(', ');
  return `anchored up to ${anchored} (${places})${anchored < events ? ', unanchored after that' : ''}`;
}

/** Prints the newest hash of each log: kept elsewhere it proves later that nothing before it was changed or cut off. */
function anchor(session: Session, runs: string[]): Outcome {
  for (const run of runs) {
    const log = openRunLog(runPaths(session.place.state, run).log, run, { readonly: true });
    const head = log.newest();
    log.close();
    session.emit({ run, ...head });
    session.say(`${run} ${head.seq}:${head.hash}`);
  }
  return { exitCode: 0 };
}

async function show(session: Session, run: string, options: Options): Promise<Outcome> {
  const { events, manifest } = await readRun(session.place, run);
  const rows = auditRows(events).filter(
    (row) =>
      (!options.commands || row.tool === 'run_command' || row.agent === 'check') &&
      (!options.denied || row.outcome === 'denied') &&
      (!options.hosts || row.hosts.length > 0) &&
      (!options.approvals || row.approval !== null),
  );
  for (const row of rows) {
    session.emit({ run, ...row });
    session.say(...rowLines(row));
  }
  if (rows.length === 0) session.say('Nothing of that kind.');
  return { exitCode: 0, run, manifest };
}

function rowLines(row: AuditRow): string[] {
  const end = row.exitCode === null ? '' : `, exit ${row.exitCode}`;
  const size = row.bytes === null ? '' : `, ${row.bytes} bytes`;
  const { approval } = row;
  return [
    `${row.seq}  ${row.at}  ${row.agent}  ${row.tool}: ${row.what}`,
    `      ${row.outcome}${end}${size}${row.directory === null ? '' : ` in ${row.directory}`}: ${row.rule}`,
    ...(approval ? [`      approval ${approval.id}: ${approval.answer} (${approval.scope}) by ${approval.by}`] : []),
    ...row.hosts.map(
      ({ host, port, verdict, reason, connections, sent, received }) =>
        `      ${host}:${port} ${verdict}${reason === '' ? '' : ` (${reason})`}, ${connections} times, ${sent} bytes out, ${received} in`,
    ),
    ...(row.walls === '' ? [] : [`      walls: ${row.walls}`]),
  ];
}
