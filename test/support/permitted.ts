import { changedPaths, type FileChange } from '../../ipc/changes.ts';
import { type Hands, type RunWish, readsOf } from '../../orchestrator/hands/hands.ts';
import { type Ground, judge, ownPermit, type Permit } from '../../security/judge.ts';
import type { Effect } from '../../tools/contracts/tool.ts';

/** Hands for tests of the hands: the gate lets everything through that no rule denies. */
export type PermittedHands = Omit<Hands, 'prepare' | 'apply' | 'run'> & {
  prepare(tool: string, parsed: unknown, signal?: AbortSignal): ReturnType<Hands['prepare']>;
  apply(changes: FileChange[]): ReturnType<Hands['apply']>;
  run(wish: RunWish): ReturnType<Hands['run']>;
};

export function permitted(hands: Hands): PermittedHands {
  return {
    ...hands,
    // A test may read what it likes; what it tries outside is the hands' to refuse.
    prepare: (tool, parsed, signal) =>
      hands.prepare(readPermit(readsOf(tool, parsed)), tool, parsed, { ...(signal && { signal }) }),
    apply: (changes) =>
      hands.apply(permitFor(changes.flatMap(changedPaths).map((path) => ({ kind: 'write', path }))), changes),
    // Whatever the gate would say of a hostile command: what holds it here is the walls.
    run: (wish) => hands.run(ownPermit(wish.command, wish.directory), wish),
  };
}

/** A permit of the real gate for whatever effects. */
export function permitFor(effects: Effect[], readable: string[] = []): Permit {
  const commands = { allow: [], ask: [], deny: [] };
  const ground: Ground = {
    follow: () => ({ links: () => [], matches: () => null }),
    tops: ['/work/tree'],
    saves: false,
    registries: [],
    ...{
      origin: 'configuration',
      mode: 'write',
      permissions: 'ask',
      scope: ['**'],
      protect: [],
      commands,
      readable,
      paths: { allow: [], ask: [], deny: [] },
    },
  };
  const judged = judge(effects, ground);
  if (judged.verdict !== 'allow') throw new Error(`the gate says ${judged.verdict}: ${judged.rule}`);
  return judged.permit;
}

/** A permit to read whatever no rule denies outright. Throws when one does. */
export function readPermit(paths: string[]): Permit {
  return permitFor(
    paths.map((path) => ({ kind: 'read', path })),
    paths,
  );
}
