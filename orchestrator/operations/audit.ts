import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Event, EventOf } from '../../ipc/events.ts';
import { type Anchor, type ChainReport, checkChain } from '../../state/audit-chain.ts';
import { runBranch } from '../../state/manifest.ts';
import { runPaths } from '../../state/paths.ts';
import { openRunLog } from '../../state/run-log.ts';
import type { UserEnvironment } from '../environment/environment.ts';
import { gitTry } from '../git/git.ts';

/** Reads a run's log as a security officer does: is the log whole, and who allowed each action? */

/** Verifies a run's chain against all anchors: the given ones, its manifest and its commits. */
export async function verifyRun(
  place: UserEnvironment,
  run: string,
  given: Anchor[],
): Promise<ChainReport & { anchors: Anchor[] }> {
  const paths = runPaths(place.state, run);
  const log = openRunLog(paths.log, run, { readonly: true });
  try {
    const gitDir = firstBody(log.rows()) ?? '';
    const anchors = [...given, ...manifestAnchor(paths.manifest), ...(await commitAnchors(gitDir, run))];
    return { ...checkChain(log.rows(), anchors), anchors };
  } finally {
    log.close();
  }
}

const firstRecord = z.object({ repository: z.object({ gitDir: z.string() }) });
const manifestHead = z.object({ events: z.number(), logHead: z.string() });

/** The user's git folder, from the raw first record: so a log that cannot be parsed any more can still be verified. */
function firstBody(rows: Iterable<{ body: string }>): string | null {
  for (const { body } of rows)
    try {
      return firstRecord.parse(JSON.parse(body)).repository.gitDir;
    } catch {
      return null;
    }
  return null;
}

function manifestAnchor(file: string): Anchor[] {
  try {
    const { events, logHead } = manifestHead.parse(JSON.parse(readFileSync(file, 'utf8')));
    return [{ seq: events, hash: logHead, where: 'its manifest' }];
  } catch {
    // An unfinished run has none yet.
  }
  return [];
}

/** The anchors in the trailers of the commits on the run's branch. */
async function commitAnchors(gitDir: string, run: string): Promise<Anchor[]> {
  if (gitDir === '' || !existsSync(gitDir)) return [];
  const format =
    '%H %(trailers:key=Vtcode-Run,valueonly,separator=%x20) %(trailers:key=Vtcode-Log,valueonly,separator=%x20)';
  const found = await gitTry({ gitDir }, [
    'log',
    `--format=${format}`,
    '--grep',
    `Vtcode-Run: ${run}`,
    `refs/heads/${runBranch(run)}`,
  ]);
  if (found.code !== 0) return [];
  return found.stdout.split('\n').flatMap((line) => {
    const [commit = '', of, log = ''] = line.split(' ');
    const anchor = readAnchor(log, `commit ${commit.slice(0, 10)}`);
    return of === run && anchor ? [anchor] : [];
  });
}

/** An anchor as it is printed: number and hash with a colon between. Null: the text is no anchor. */
export function readAnchor(text: string, where: string): Anchor | null {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  return seq === undefined || hash === undefined ? null : { seq: Number(seq), hash, where };
}

/** One action that was carried out, or wanted and not carried out. */
export type AuditRow = {
  seq: number;
  at: string;
  /**
   * The agent, after the agents that started it (`work/1` was started by `work`); `check` and `host` are vtcode itself.
   */
  agent: string;
  tool: string;
  /** The command line, or the files that were changed or read. */
  what: string;
  directory: string | null;
  outcome: 'allowed' | 'denied' | 'unknown_outcome' | 'open';
  /** The rule that allowed or denied it, or the person and the approval. */
  rule: string;
  approval: { id: string; answer: string; scope: string; by: string } | null;
  /** The sandbox in force. */
  walls: string;
  exitCode: number | null;
  durationMs: number | null;
  bytes: number | null;
  /** The network hosts that it reached or tried to reach through the proxy. */
  hosts: AuditHost[];
};

type AuditHost = Pick<
  EventOf<'network.used'>,
  'host' | 'port' | 'verdict' | 'reason' | 'connections' | 'sent' | 'received'
>;

/** Every tool call and check of a run, oldest first. Pure. */
export function auditRows(events: Event[]): AuditRow[] {
  const rows: AuditRow[] = [];
  const open = new Map<string, AuditRow>();
  const asked = new Map<string, AuditRow>();
  const unheard = new Map<string, AuditRow>();
  let walls = '';
  for (const event of events) {
    if (event.type === 'walls.reported') walls = event.summary;
    if (event.type === 'tool.requested') {
      const row = requestedRow(event, walls);
      rows.push(row);
      open.set(`${event.agent} ${event.call}`, row);
    }
    const row = 'call' in event ? open.get(`${event.agent} ${event.call}`) : undefined;
    if (event.type === 'approval.requested' && row) {
      Object.assign(row, { directory: event.exact.directory, rule: event.rule });
      asked.set(event.approval, row);
    }
    if (event.type === 'approval.answered') {
      const { approval: id, answer, scope, by } = event;
      Object.assign(asked.get(id) ?? {}, { approval: { id, answer, scope, by } });
    }
    if (event.type === 'tool.started' && row) Object.assign(row, startedPart(event), { walls });
    if (event.type === 'tool.finished' && row) {
      const { exitCode = null, durationMs = null, bytes = null } = event.ran ?? {};
      Object.assign(row, { outcome: event.verdict, rule: event.rule, exitCode, durationMs, bytes });
    }
    if (event.type === 'network.used') {
      const user = row ?? unheard.get(event.call) ?? otherRow(event, walls);
      user.hosts.push(hostOf(event));
      // A check or a set-up command gets its row when it has ended; if the hands died, it has none.
      if (!row) unheard.set(event.call, user);
    }
    if (event.type === 'base.checked' || event.type === 'task.checked')
      for (const checked of checkRows(event, walls)) {
        rows.push({ ...checked, hosts: unheard.get(checked.tool.replace(/ \(.*\)$/, ''))?.hosts ?? [] });
        unheard.delete(checked.tool.replace(/ \(.*\)$/, ''));
      }
  }
  return [...rows, ...unheard.values()];
}

function hostOf({ host, port, verdict, reason, connections, sent, received }: EventOf<'network.used'>): AuditHost {
  return { host, port, verdict, reason, connections, sent, received };
}

/** A row for an action that is neither a tool call nor a check. */
function otherRow({ seq, at, agent, call }: EventOf<'network.used'>, walls: string): AuditRow {
  const none = { directory: null, approval: null, exitCode: null, durationMs: null, bytes: null, hosts: [] };
  return { seq, at, agent, tool: 'network', what: call, outcome: 'allowed', rule: 'network.allow', walls, ...none };
}

function requestedRow(event: EventOf<'tool.requested'>, walls: string): AuditRow {
  const { seq, at, agent, name: tool } = event;
  const given = typeof event.arguments === 'object' && event.arguments !== null ? event.arguments : {};
  const what =
    tool === 'run_command' && 'command' in given
      ? String(given.command)
      : 'path' in given
        ? String(given.path)
        : JSON.stringify(given);
  const none = { directory: null, approval: null, exitCode: null, durationMs: null, bytes: null, hosts: [] };
  return { seq, at, agent, tool, what, outcome: 'open', rule: '', walls, ...none };
}

function startedPart({ changes, directory, rule }: EventOf<'tool.started'>): Partial<AuditRow> {
  const files = (changes ?? []).map((change) => `${change.kind} ${change.path}`);
  return { rule, ...(files.length > 0 && { what: files.join(', ') }), ...(directory !== undefined && { directory }) };
}

function checkRows(event: EventOf<'base.checked'> | EventOf<'task.checked'>, walls: string): AuditRow[] {
  const subject = event.type === 'task.checked' ? event.task : 'base';
  return event.results.map(({ name, command, exitCode, durationMs }) => ({
    ...{ seq: event.seq, at: event.at, agent: 'check', tool: `${name} (${subject})`, what: command, directory: null },
    ...{ outcome: 'allowed' as const, rule: 'configured, or accepted with the plan', approval: null, walls },
    ...{ exitCode, durationMs, bytes: null, hosts: [] },
  }));
}
