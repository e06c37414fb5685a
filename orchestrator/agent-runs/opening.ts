import { existsSync, readFileSync } from 'node:fs';
import { arch, release, type } from 'node:os';
import { delimiter } from 'node:path';
import { hasPlan, loneAgent } from '../../ipc/run-kind.ts';
import { webSearchGrant } from '../config/registries.ts';
import { isInstalled } from '../environment/search-path.ts';
import { commandShell } from '../environment/shell.ts';
import { glanceAt } from '../git/repository.ts';
import type { RunAccess } from '../runs/run-access.ts';
import type { ActOf } from '../schedule/due.ts';
import { handsPlace, workspaceOf } from '../worktrees/agent-hands.ts';
import type { TreeAccess } from '../worktrees/run-trees.ts';

/**
 * The words that tell an agent where it is: folder, system, shell, date, git, programs and walls. Made once, at its first
 * start, and kept in the log (`agent.started`): a request that begins as the one before costs a vendor's cache nothing.
 */
export type Place = {
  folder: string;
  system: string;
  shell: string;
  /** The day, as the person's calendar has it, and their time zone. */
  date: string;
  /** Null: the agent is not told, because it works in a tree that the host made, or for another agent. */
  git: { branch: string | null; changed: string[] } | 'none' | null;
  programs: string[];
  /** Hosts and registries that commands may reach. */
  network: string[];
  mode: 'read' | 'write';
  /** Commits are made by the person after an answer, or by the host of a plan. */
  commits: 'person' | 'host';
};

/** Names of changed files that are told, and their longest length, in characters. */
const namesMax = 5;
const nameMax = 60;

/** The opening in words. Pure. */
export function openingWords(place: Place): string {
  const walls = [
    place.mode === 'write'
      ? 'commands write only in this folder and below $TMPDIR'
      : 'nothing can be written here, and commands only look',
    place.network.length === 0
      ? 'no network but their own loopback'
      : `network: ${place.network.join(', ')}, and their own loopback`,
  ];
  return [
    `You are in ${place.folder}: paths may be relative to it. ${place.system}, commands run with ${place.shell}. Today is ${place.date}.`,
    ...gitWords(place),
    ...(place.programs.length > 0 ? [`Programs here: ${place.programs.join(' ')}.`] : []),
    `Walls: ${walls.join('; ')}.`,
  ].join('\n');
}

function gitWords({ git, commits, mode }: Place): string[] {
  const writes =
    commits === 'host'
      ? 'The host commits your work: use git only to look.'
      : mode === 'write'
        ? 'git add, commit, switch, stash and the like, as a line of plain git commands, run once the person allows it; never push.'
        : '';
  if (git === 'none') return ['There is no git repository here.'];
  if (git === null) return writes === '' ? [] : [writes];
  const { branch, changed } = git;
  const names = changed.slice(0, namesMax).map((name) => (name.length > nameMax ? `…${name.slice(-nameMax)}` : name));
  const more = changed.length > namesMax ? ` and ${changed.length - namesMax} more` : '';
  const status = changed.length === 0 ? 'no changes' : `changed or new: ${names.join(', ')}${more}`;
  return [`Git: ${branch === null ? 'detached HEAD' : `branch ${branch}`}, ${status}.${writes && ` ${writes}`}`];
}

/** Looked for on the PATH of commands: what a model asks for before it begins. */
const programs = [
  ...['rg', 'git', 'node', 'npm', 'pnpm', 'yarn', 'bun', 'deno', 'python3', 'uv', 'go', 'cargo', 'java', 'mvn'],
  ...['gradle', 'ruby', 'php', 'dotnet', 'make', 'cmake', 'gcc', 'docker', 'gh', 'jq'],
];

/** How long git may look at the folder, in milliseconds: an opening without it is better than a wait. */
const glanceMs = 1_500;

/** The opening of an agent: from the log, or made now. Null: a conversation from before there were openings. */
export async function openingOf(
  act: ActOf<'agent'>,
  context: RunAccess & Pick<TreeAccess, 'git'> & { person: Record<string, string> },
): Promise<{ text: string; isNew: boolean } | null> {
  const state = context.state();
  const known = state.agents.get(act.agent);
  if (known?.opening) return { text: known.opening, isNew: false };
  if ((known?.phase.context.life ?? 0) > 0) return null;
  const { options, config } = state.created;
  const isPlan = hasPlan(options);
  const folder = workspaceOf(context, act.agent);
  const environment = context.git.environment ?? {};
  const path = (environment.PATH ?? '').split(delimiter);
  const git =
    act.agent === loneAgent ? ((await glanceAt(folder, environment, context.person, glanceMs)) ?? 'none') : null;
  const place: Place = {
    ...{ folder, git, system: systemName(), shell: commandShell().split('/').at(-1) ?? 'sh', date: today() },
    programs: programs.filter((name) => isInstalled(name, path)),
    network: config.network.allow.filter((entry) => entry !== webSearchGrant),
    mode: handsPlace(act.agent, state).mode,
    commits: isPlan ? 'host' : 'person',
  };
  return { text: openingWords(place), isNew: true };
}

function systemName(): string {
  const file = '/etc/os-release';
  const named = existsSync(file) ? /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return `${named ?? `${type() === 'Darwin' ? 'macOS, Darwin' : type()} ${release()}`} (${arch()})`;
}

function today(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return `${new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date())} (${timeZone})`;
}
