// Goal: a person at the terminal is asked once, before a run, whether agents may follow a folder's notes.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { offerTrust } from '../../../cli/attached/offer-trust.ts';
import { type CommandProcess, openSession } from '../../../cli/session.ts';
import { trustIn } from '../../../orchestrator/config/trust.ts';
import { userEnvironment } from '../../../orchestrator/environment/environment.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { testVtcode } from '../../support/vtcode.ts';

/** Asks with these lines typed one by one, each when a question stands there; answers what was on the screen. */
async function offer(root: string, typed: string[], place = userEnvironment(testVtcode().environment), tty = true) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  Object.assign(stdin, { isTTY: tty });
  Object.assign(stdout, { isTTY: tty });
  let screen = '';
  let asked = 0;
  stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    const questions = screen.split('not now').length - 1;
    for (; asked < questions; asked += 1) stdin.write(`${typed[asked] ?? ''}\n`);
  });
  const process = { stdin, stdout, stderr: new PassThrough() } as unknown as CommandProcess;
  await offerTrust(openSession({ place, early: null, process }, false), root);
  const notes = 'Use tabs.\n';
  return { screen, asked, place, isTrusted: trustIn(place.configFile, root)('AGENTS.md', notes) };
}

function folder() {
  const root = temporaryFolder('offer');
  writeFileSync(join(root, 'AGENTS.md'), 'Use tabs.\n');
  return root;
}

test('yes trusts the notes, and they are not asked for again', async () => {
  const root = folder();
  const first = await offer(root, ['y']);
  assert.deepEqual([first.asked, first.isTrusted], [1, true]);
  assert.match(first.screen, /This folder has notes for agents: AGENTS\.md \(2 lines\)/);
  assert.equal((await offer(root, [], first.place)).asked, 0);
});

test('they can be shown first', async () => {
  const { screen, asked, isTrusted } = await offer(folder(), ['s', 'yes']);
  assert.deepEqual([asked, isTrusted], [2, true]);
  assert.match(screen, /── AGENTS\.md ──\nUse tabs\./);
});

test('no is remembered until the file changes, later is not', async () => {
  const root = folder();
  const later = await offer(root, ['']);
  const no = await offer(root, ['n'], later.place);
  assert.deepEqual([no.asked, no.isTrusted], [1, false]);
  assert.equal((await offer(root, [], no.place)).asked, 0);
  writeFileSync(join(root, 'AGENTS.md'), 'Use spaces.\n');
  assert.equal((await offer(root, [''], no.place)).asked, 1);
});

test('without a terminal, and without notes, nothing is asked', async () => {
  assert.equal((await offer(folder(), [], undefined, false)).asked, 0);
  assert.equal((await offer(temporaryFolder('offer'), [])).asked, 0);
});
