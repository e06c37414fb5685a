import { normalize } from 'node:path/posix';
import type { FileChange } from '../ipc/changes.ts';
import { changedPaths } from '../ipc/changes.ts';
import type { PathRules, PolicyRules } from '../ipc/config.ts';
import type { EventOf } from '../ipc/events.ts';
import { Fault } from '../ipc/fault.ts';
import type { Effect } from '../tools/contracts/tool.ts';
import { judgeFetch, judgeSearch } from './network/fetch.ts';
import { isGuarded } from './paths/instructing.ts';
import { judgePlace, noPlaces, type OwnPlaces } from './paths/own-places.ts';
import { judgePath } from './paths/path-rules.ts';
import { inScope, namesOutright } from './paths/scope.ts';
import { isSecretPath } from './paths/secret-files.ts';
import { systemAccess } from './paths/system-folders.ts';
import { type JudgedPart, judgeLine } from './rules/command-rules.ts';
import type { Follow } from './shell/links.ts';
import { belowTop } from './shell/paths.ts';
import type { Verdict } from './verdict.ts';

/** The facts that a call is judged by. */
export type Ground = {
  /** The origin of the call: an agent, or a person's configuration and the repository's scripts (checks, set-up). */
  origin: 'agent' | 'configuration';
  /** May the agent write at all? */
  mode: 'read' | 'write';
  /** `auto`: a call that no rule allows is allowed too if the walls hold it. */
  permissions: 'ask' | 'auto';
  /** Globs that the task may write. */
  scope: string[];
  /** Paths that a person allowed to read although they are outside or hold keys, as they were given. */
  readable: string[];
  /** Globs of files that define checks: only a scope that names one outright allows writing it. */
  protect: string[];
  commands: PolicyRules;
  paths: PathRules;
  /** Absolute paths that all mean the work tree's top: as it was given, and with links resolved. */
  tops: readonly string[];
  /** Package registries that commands may reach, by their names. */
  registries: string[];
  /** Hosts that pages may be fetched from (sandbox/grants.ts). Absent: none. */
  hosts?: string[];
  /** Places in the work tree that are more than files of it. Absent: none. */
  places?: OwnPlaces;
  /** Whether the web may be searched without an answer. Absent: no. */
  searches?: boolean;
  /** Things that this machine cannot keep from a command, for a person: then no line is allowed by its words. */
  unheld?: string;
  /** Whether the host saves files before a command destroys them. */
  saves: boolean;
  /** The shell that reads command lines, where that is sure. */
  shell?: 'bash';
  /** Where links lead to in the work tree that the call is for. */
  follow: () => Follow;
};

declare const stamp: unique symbol;
/**
 * A permit: the hands take no order without one. Only this file makes permits: for the gate's allow, for a person's
 * answer that is in the log, or from the log of a host that died after the gate had allowed the call.
 */
export type Permit = { readonly [stamp]: true; readonly effects: readonly Effect[]; readonly rule: string };

export type Judgement = (Verdict & { verdict: 'ask' | 'deny' }) | { verdict: 'allow'; rule: string; permit: Permit };

/**
 * One effect with its verdict. `reads` and `writes`: the paths of a command, as its line says; `destroys`: the files that it
 * removes or overwrites, as a save names them; `registries`: package registries that it needs. Empty for other effects.
 * `looks`: it was judged to be a command that only looks.
 */
export type Judged = {
  effect: Effect;
  verdict: Verdict;
  reads: string[];
  writes: string[];
  destroys: string[];
  registries: string[];
  looks?: true;
  /** The paths of those of its commands that a rule of the person allows: only these may hold keys. */
  ruled?: string[];
};

/**
 * The gate: every tool call passes here, and so does every change that a tool computed, every check and every set-up
 * command. It looks at effects, changes nothing and waits for no answer. An effect that no rule covers is asked.
 */
export function judgeEach(effects: readonly Effect[], given: Ground): Judged[] {
  const ground = { ...given, paths: fromTop(given.paths, given.tops) };
  return effects.map((effect) => judgeEffect(effect, ground));
}

/** Rules for paths with those inside the work tree written from its top, as every path is before it is judged. */
function fromTop({ allow, ask, deny }: PathRules, tops: readonly string[]): PathRules {
  const each = (rules: string[]) => rules.map((rule) => belowTop(rule, tops) ?? rule);
  return { allow: each(allow), ask: each(ask), deny: each(deny) };
}

/** The verdict on effects together, with a permit for exactly these where it is allow. deny > ask > allow. */
export function decide(judged: readonly Judged[]): Judgement {
  let found: Verdict = { verdict: 'allow', rule: 'reads and changes inside the work tree and the scope' };
  for (const { verdict } of judged) if (rank(verdict) > rank(found) || found.verdict === 'allow') found = verdict;
  const { verdict, rule } = found;
  return verdict === 'allow' ? { verdict, rule, permit: permit(effectsOf(judged), rule) } : { ...found, verdict };
}

/** Judges effects and decides on all of them together. */
export function judge(effects: readonly Effect[], ground: Ground): Judgement {
  return decide(judgeEach(effects, ground));
}

function effectsOf(judged: readonly Judged[]): Effect[] {
  return judged.map(({ effect }) => effect);
}

/** A verdict's rank among others: of two asks, the one whose risk lies beyond the walls is reported. */
function rank({ verdict, risk }: Verdict): number {
  if (verdict === 'deny') return 3;
  return verdict === 'allow' ? 0 : risk === 'contained' ? 1 : 2;
}

/**
 * The permit of a person's answer: for exactly the call that was shown, and only when the gate would still ask. Null:
 * the answer is no, or it was given for another call, or a rule forbids the call by now.
 */
export function permitOf(
  judged: readonly Judged[],
  digest: string,
  asked: EventOf<'approval.requested'>,
  answer: EventOf<'approval.answered'>,
): Permit | null {
  if (answer.approval !== asked.approval || answer.answer !== 'allow' || asked.exact.digest !== digest) return null;
  if (judged.some(({ verdict }) => verdict.verdict === 'deny')) return null;
  const given = permit(effectsOf(judged), `allowed by ${answer.by} (${answer.scope}, approval ${asked.approval})`);
  answered.add(given);
  return given;
}

/** Permits that a person's answer gave. */
const answered = new WeakSet<object>();

/** Whether a person was shown the call and allowed it. */
export function isAnswered(given: Permit): boolean {
  return answered.has(given);
}

/** The permit for `vtcode sandbox`: the person at the terminal gave the command, and the walls hold it. */
export function ownPermit(command: string, directory: string): Permit {
  return permit([{ kind: 'run', command, directory }], 'started by a person with vtcode sandbox');
}

/** The permit to finish exactly the effects that an earlier host had judged and logged before it died. */
export function recordedPermit({ changes, command, directory, rule }: EventOf<'tool.started'>): Permit {
  const writes = (changes ?? []).flatMap(changedPaths).map((path) => ({ kind: 'write' as const, path }));
  const runs = command === undefined ? [] : [{ kind: 'run' as const, command, directory: directory ?? '.' }];
  return permit([...writes, ...runs], rule);
}

/** Every permit that this file made, so that an object of the same shape is not taken for one. */
const made = new WeakSet<object>();

function permit(effects: Effect[], rule: string): Permit {
  const own = Object.freeze(effects.map((effect) => Object.freeze({ ...effect })));
  const given = Object.freeze({ effects: own, rule }) as unknown as Permit;
  made.add(given);
  return given;
}

/** The order that the hands are about to get. */
export type Order =
  | { kind: 'prepare'; reads: string[] }
  | { kind: 'apply'; changes: FileChange[] }
  | { kind: 'run'; command: string; directory: string }
  | { kind: 'fetch'; url: string }
  | { kind: 'search'; query: string };

/** Throws a bug Fault when the object is no permit, or the permit was made for another order. */
export function requirePermit(given: Permit, order: Order): void {
  if (made.has(given) && covers(given, order)) return;
  throw new Fault('bug', `The hands were given an order (${order.kind}) that nobody allowed.`);
}

function covers({ effects }: Permit, order: Order): boolean {
  if (order.kind === 'prepare') {
    const reads = new Set(effects.flatMap((effect) => (effect.kind === 'read' ? [effect.path] : [])));
    return order.reads.every((path) => reads.has(path));
  }
  if (order.kind === 'run')
    return effects.some(
      (effect) => effect.kind === 'run' && effect.command === order.command && effect.directory === order.directory,
    );
  if (order.kind === 'search')
    return effects.some((effect) => effect.kind === 'search' && effect.query === order.query);
  if (order.kind === 'fetch') return effects.some((effect) => effect.kind === 'fetch' && effect.url === order.url);
  const paths = new Set(effects.flatMap((effect) => (effect.kind === 'write' ? [effect.path] : [])));
  return order.changes.flatMap(changedPaths).every((path) => paths.has(path));
}

function judgeEffect(effect: Effect, ground: Ground): Judged {
  if (effect.kind === 'run') return judgeRun(effect, ground);
  const of = (verdict: Verdict): Judged => ({ effect, verdict, reads: [], writes: [], destroys: [], registries: [] });
  if (effect.kind === 'fetch') return of(judgeFetch(effect.url, ground.hosts ?? []));
  if (effect.kind === 'search') return of(judgeSearch(ground.searches ?? false));
  if (effect.path.includes('\0')) return of({ verdict: 'deny', rule: 'a path with a null byte' });
  return of(effect.kind === 'read' ? judgeRead(effect.path, ground) : judgeWrite(effect.path, ground));
}

function judgeRun(effect: Extract<Effect, { kind: 'run' }>, ground: Ground): Judged {
  const { parts, ...verdict } = judgeLine(effect.command, {
    rules: ground.commands,
    directory: effect.directory,
    paths: ground.paths,
    scope: ground.scope,
    protect: ground.protect,
    tops: ground.tops,
    saves: ground.saves,
    shell: ground.shell,
    registries: ground.registries,
    follow: ground.follow,
    places: ground.places ?? noPlaces,
  });
  const ruled = parts.filter(({ rule }) => rule.startsWith('policy.commands.allow'));
  const own = {
    reads: [...new Set(parts.flatMap(({ reads }) => reads))],
    writes: [...new Set(parts.flatMap(({ writes }) => writes))],
    destroys: [...new Set(parts.flatMap(({ destroys = [] }) => destroys))],
    registries: [...new Set(parts.flatMap(({ registries = [] }) => registries))],
    ...(ruled.length > 0 && { ruled: ruled.flatMap(({ reads, writes }) => [...reads, ...writes]) }),
    ...(verdict.verdict === 'allow' &&
      parts.every(({ looks, granted }) => looks && !granted) && { looks: true as const }),
  };
  const isRuled = parts.length > 0 && ruled.length === parts.length;
  const held = (given: Verdict) => (isRuled ? given : heldOrAsked(given, ground));
  if (ground.mode === 'read') return { effect, verdict: held(onlyLooking(verdict, parts)), ...own };
  return { effect, verdict: held(widened(verdict, ground)), ...own };
}

/** The verdict where the kernel cannot hold what the words of the line promise: then words allow nothing. */
function heldOrAsked(verdict: Verdict, { origin, unheld }: Ground): Verdict {
  if (verdict.verdict !== 'allow' || unheld === undefined || origin === 'configuration') return verdict;
  return {
    verdict: 'ask',
    risk: 'beyond',
    rule: `nothing on this machine keeps commands from ${unheld}`,
    kind: 'unheld',
  };
}

/** The verdict for an agent that only reads: commands that look and write nothing. */
function onlyLooking(verdict: Verdict, parts: JudgedPart[]): Verdict {
  if (verdict.verdict === 'deny' || (verdict.verdict === 'allow' && parts.every(({ looks }) => looks))) return verdict;
  return { verdict: 'deny', rule: 'this agent only reads, and the command does more than look', kind: 'only_reads' };
}

/** The verdict on a command that would be asked, after the configuration and `--auto` were applied. */
function widened(verdict: Verdict, { origin, permissions }: Ground): Verdict {
  if (verdict.verdict !== 'ask') return verdict;
  if (origin === 'configuration')
    return { verdict: 'allow', rule: 'named by the configuration or found in the repository; the walls hold it' };
  if (permissions === 'auto' && verdict.risk === 'contained')
    return { verdict: 'allow', rule: `--auto: the walls hold it (${verdict.rule})` };
  return verdict;
}

function judgeRead(path: string, { readable, paths }: Ground): Verdict {
  if (/^\/(proc|sys|dev)(\/|$)/.test(normalize(path)))
    return { verdict: 'deny', rule: `${path} is no file of anybody's` };
  const ruled = judgePath(normalize(path), paths);
  if (ruled?.verdict === 'deny') return ruled;
  if (readable.includes(path)) return { verdict: 'allow', rule: 'a person allowed reading it' };
  if (ruled) return ruled;
  if (systemAccess(normalize(path)) === 'files')
    return { verdict: 'allow', rule: 'reads what the system and installed packages hold' };
  if (isOutside(path))
    return { verdict: 'ask', rule: `${path} is outside the work tree`, risk: 'beyond', kind: 'outside' };
  if (isSecretPath(path))
    return { verdict: 'ask', rule: `${path} holds keys, by its name`, risk: 'beyond', kind: 'keys' };
  return { verdict: 'allow', rule: 'reads inside the work tree' };
}

function judgeWrite(path: string, ground: Ground): Verdict {
  if (ground.mode === 'read') return { verdict: 'deny', rule: 'this agent only reads', kind: 'only_reads' };
  if (isOutside(path)) return { verdict: 'deny', rule: `${path} is outside the work tree`, kind: 'outside' };
  if (path.split('/').some((name) => name.toLowerCase() === '.git'))
    return { verdict: 'deny', rule: '.git is never written', kind: 'git_folder' };
  const place = judgePlace(normalize(path), ground.places ?? noPlaces);
  if (place) return place;
  const ruled = judgePath(normalize(path), ground.paths);
  if (ruled?.verdict === 'deny') return ruled;
  if (!inScope(path, ground.scope))
    return { verdict: 'ask', rule: `${path} is outside the task's scope`, risk: 'beyond', kind: 'scope' };
  if (ruled?.verdict === 'ask' && !ground.scope.includes(path)) return ruled;
  if (isSecretPath(path) && !ruled && !namesOutright(path, ground.scope))
    return { verdict: 'ask', rule: `${path} holds keys, by its name`, risk: 'beyond', kind: 'keys' };
  if (isGuarded(path, ground.scope) && !ruled)
    return {
      verdict: 'ask',
      rule: `${path} instructs agents and tools, and the scope does not name it`,
      risk: 'beyond',
      kind: 'instructs',
    };
  if (inScope(path, ground.protect) && !namesOutright(path, ground.scope))
    return {
      verdict: 'ask',
      rule: `${path} defines checks, and the scope does not name it`,
      risk: 'beyond',
      kind: 'checks',
    };
  return { verdict: 'allow', rule: "writes inside the task's scope" };
}

function isOutside(path: string): boolean {
  return path.startsWith('/') || path.split('/').includes('..') || path.includes('\0');
}
