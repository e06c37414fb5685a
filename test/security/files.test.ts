/**
 * Goal: no tool reads or changes what is outside the work tree, or git's own files, whatever stands in the work tree and
 * whatever changes meanwhile. Method: every attack under attacks/files is carried out by real hands, past the gate, so that
 * what refuses is the tool or the walls; a secret outside must not be seen, and the outside is compared byte for byte.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FileChange } from '../../ipc/changes.ts';
import { newFamilyToken } from '../../ipc/ids.ts';
import { type Hands, readsOf, startHands } from '../../orchestrator/hands/hands.ts';
import { guardedIn } from '../../orchestrator/worktrees/own-places.ts';
import { ownPermit, type Permit, recordedPermit } from '../../security/judge.ts';
import { readPermit } from '../support/permitted.ts';
import { builtHands } from '../support/vtcode.ts';
import { place, type TestHands } from '../tools/program/hands-here.ts';

if (process.platform !== 'linux') process.exit(0);

type Attack = {
  name: string;
  /** Shell line run outside the walls at the top of the work tree, before anything; $OUTSIDE is the folder outside. */
  setup?: string;
  /** The hands are started after that, as they are for a repository that is there. */
  before?: boolean;
  tool?: string;
  arguments?: Record<string, unknown>;
  apply?: FileChange['kind'];
  path?: string;
  from?: string;
  command?: string;
  /** Run between what a tool computes and what is applied. */
  swap?: string;
  /** Run by the hands all the while. */
  race?: string;
  /** `harmless`: it may end well, as long as nothing is seen or changed outside. */
  must?: 'harmless';
};
type Ended = { refused: boolean; text: string };

const folder = join(import.meta.dirname, 'attacks', 'files');
const families = readdirSync(folder);
const attacksOf = (family: string) => JSON.parse(readFileSync(join(folder, family), 'utf8')) as Attack[];
const raceRounds = 25;

let here: TestHands;
let hands: Hands;
const ends: (() => unknown)[] = [];
const start = async () => {
  const environment = { PATH: process.env.PATH, HOME: homedir() };
  const { kept, pinned } = guardedIn(here.workspace, []);
  const policy = { ...here.policy, kept, pinned };
  hands = await startHands({ policy, family: newFamilyToken(), environment, program: builtHands });
};

before(async () => {
  here = place({ after: (end: () => unknown) => void ends.push(end) });
  await start();
});
after(async () => {
  await hands.stop();
  for (const end of ends.reverse()) await end();
});

/** An empty work tree but for one file, and the outside as it was. */
function cleanUp(): void {
  const top = join(here.workspace, '..');
  rmSync(join(top, 'workspace-evil'), { recursive: true, force: true });
  for (const one of [here.workspace, here.outside])
    for (const name of readdirSync(one)) rmSync(join(one, name), { recursive: true, force: true });
  writeFileSync(join(here.outside, 'secret'), 'SECRET-7f3a\n', { mode: 0o600 });
  writeFileSync(join(here.workspace, 'file.txt'), 'content\n');
  mkdirSync(join(here.workspace, 'sub'));
}

const shell = (line: string) =>
  execFileSync('/bin/sh', ['-c', line], { cwd: here.workspace, env: { ...process.env, OUTSIDE: here.outside } });

/** All below a folder, each with its content: any write shows. */
function snapshot(of: string): string[] {
  const names = readdirSync(of, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const { mode, mtimeMs, size } = lstatSync(join(of, name));
    const content = size < 1_000_000 && lstatSync(join(of, name)).isFile() ? readFileSync(join(of, name), 'utf8') : '';
    return JSON.stringify({ name, mode, mtimeMs, size, content });
  });
}

function gitFiles(): string[] {
  const { kept } = guardedIn(here.workspace, []);
  return kept.flatMap((git) => {
    const found = lstatSync(git);
    if (found.isSymbolicLink()) return [`${git} leads to ${readlinkSync(git)}`];
    return found.isDirectory() ? snapshot(git) : [readFileSync(git, 'utf8')];
  });
}

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const withOutside = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value).replaceAll('$OUTSIDE', here.outside)) as Value;

function changeOf({ apply, path = '', from = '' }: Attack): FileChange {
  const content = 'EVIL\n';
  const after = sha(content);
  const there = (name: string) => {
    // A pipe would be waited for.
    if (!statSync(join(here.workspace, name), { throwIfNoEntry: false })?.isFile()) return 'content\n';
    try {
      return readFileSync(join(here.workspace, name), 'utf8');
    } catch {
      return 'content\n';
    }
  };
  if (apply === 'create') return { kind: 'create', path, after, content, executable: true };
  const old = there(apply === 'move' ? from : path);
  const before = sha(old);
  if (apply === 'delete') return { kind: 'delete', path, before };
  if (apply === 'move') return { kind: 'move', from, path, before, after: before, edits: [] };
  return { kind: 'edit', path, before, after, edits: [{ start: 0, end: Buffer.byteLength(old), text: content }] };
}

/** Past the gate: with the permit of a log that says it was allowed. */
async function applied(changes: FileChange[]): Promise<Ended> {
  const permit = recordedPermit({ changes, rule: 'test' } as Parameters<typeof recordedPermit>[0]);
  const outcomes = await hands.apply(permit, changes);
  return { refused: outcomes.every(({ outcome }) => outcome === 'conflict'), text: JSON.stringify(outcomes) };
}

/** What is meant for the hands gets past the gate where that only asks; null: it denies it. */
function permitToRead(paths: string[]): Permit | null {
  try {
    return readPermit(paths);
  } catch {
    return null;
  }
}

async function attempt(attack: Attack): Promise<Ended> {
  if (attack.apply) return applied([changeOf(attack)]);
  if (attack.command !== undefined) {
    const { command } = attack;
    const ran = await hands.run(ownPermit(command, '.'), { command, directory: '.', timeoutMs: 20_000 });
    return { refused: ran.exitCode !== 0, text: ran.tail };
  }
  const given = withOutside(attack.arguments);
  const permit = permitToRead(readsOf(attack.tool ?? '', given));
  if (!permit) return { refused: true, text: 'the gate denies it' };
  const prepared = await hands.prepare(permit, attack.tool ?? '', given);
  if (attack.swap) shell(attack.swap);
  const { text, isError = false, changes } = prepared;
  return isError || !changes ? { refused: isError, text } : applied(changes);
}

/** Tries again and again while the race goes on. What is read may be the plain file, never the secret. */
async function raceOf(attack: Attack): Promise<Ended> {
  const abort = new AbortController();
  const command = `OUTSIDE=${here.outside}; ${attack.race}`;
  const race = hands.run(ownPermit(command, '.'), {
    ...{ command, directory: '.', timeoutMs: 60_000, signal: abort.signal },
  });
  const said: string[] = [];
  for (let round = 0; round < raceRounds; round += 1) said.push(await attempt(attack).then(({ text }) => text, String));
  abort.abort();
  await race;
  return { refused: true, text: said.join('\n') };
}

for (const family of families)
  test(`no attack of ${family} gets anywhere`, async () => {
    for (const attack of attacksOf(family)) {
      cleanUp();
      if (attack.setup) shell(attack.setup);
      if (attack.before) {
        await hands.stop();
        await start();
      }
      const [outside, git] = [snapshot(here.outside), gitFiles()];
      const { refused, text } = await (attack.race ? raceOf(attack) : attempt(attack)).catch((error: unknown) => ({
        refused: true,
        text: String(error),
      }));
      assert.deepEqual(snapshot(here.outside), outside, `${family}: ${attack.name}`);
      assert.deepEqual(gitFiles(), git, `${family}: ${attack.name}`);
      assert.doesNotMatch(text, /SECRET-7f3a/, `${family}: ${attack.name}: ${text}`);
      if (attack.must !== 'harmless') assert.equal(refused, true, `${family}: ${attack.name}: ${text}`);
    }
  });

test('a file inside is read, changed, made, moved and removed', async () => {
  cleanUp();
  const read = await attempt({ name: '', tool: 'read_file', arguments: { path: 'sub/../file.txt' } });
  assert.match(read.text, /content/);
  for (const attack of [
    { apply: 'edit' as const, path: 'file.txt' },
    { apply: 'create' as const, path: 'sub/new' },
    { apply: 'move' as const, from: 'file.txt', path: 'sub/moved' },
    { apply: 'delete' as const, path: 'sub/moved' },
  ])
    assert.equal((await attempt({ name: '', ...attack })).refused, false, attack.apply);
  assert.deepEqual(readdirSync(join(here.workspace, 'sub')), ['new']);
});

test('the corpus is as large as was promised, and no attack is in it twice', () => {
  const names = families.flatMap(attacksOf).map(({ name }) => name);
  assert.ok(names.length >= 60, `${names.length}`);
  assert.equal(new Set(names).size, names.length);
});
