// Goal: no line that the gate lets through has an effect that was not allowed. Method: an adversary generates lines from a
// table of programs, dangerous features and disguises; the real gate judges each, real hands run what it allows in the view
// of its verdict, and the canaries are looked at: secrets, git, files that instruct, a folder outside, a denied program,
// a server of this machine. `npm run proof -- escape` does far more of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from './escape/play.ts';
import { playAs } from './escape/users.ts';

const skip = process.platform !== 'linux';
const seed = Number(process.env.VTCODE_SEED ?? 20_260);

test('of generated hostile lines none has an effect that was not allowed', { skip }, async () => {
  const { ran, faults, lines } = await play({ seed, amount: 300 });
  assert.deepEqual(faults, [], `seed ${seed}`);
  assert.equal(lines, 300);
  assert.ok(ran >= 30, `only ${ran} lines passed the gate: the adversary tries nothing`);
});

test('the adversary sees an effect where there is one', { skip }, async () => {
  // Each of these is allowed with --auto; the canaries are read by the test itself, as if the walls were not there.
  const { faults } = await play({ seed, amount: 9, given: ['echo x > made.txt', 'echo CANARY7k3yq9 > made.txt'] });
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /copied a secret into made\.txt/);
});

test('a plain user has the same views, and without namespaces what no view holds is asked', {
  skip,
}, async (context) => {
  const plain = await playAs('plain', seed, 40);
  if (!plain) return context.skip('needs root, which can become another user');
  assert.deepEqual(plain.faults, []);
  assert.ok(plain.ran > 0);
  const withKeys = await playAs('without namespaces', seed, 100);
  assert.deepEqual(withKeys?.faults, []);
  assert.equal(withKeys?.ran, 0, 'no line passes by its words where keys could be read');
  const bare = await playAs('without namespaces', seed, 40, true);
  assert.deepEqual(bare?.faults, []);
  assert.ok((bare?.ran ?? 0) > 0);
  assert.doesNotMatch(bare?.walls ?? '', /private file view/);
});

test('a line that shows only the names of files with keys opens none, also after one was replaced', {
  skip,
}, async () => {
  const given = [
    'cat $(ls -d .env)',
    'pr $(ls -d .docker/config.json) | cat',
    'nice perl -e "print <>" $(ls -d .npmrc)',
    'sh -c "node test.js $(ls -d ../outside/secret.txt)"',
    "printf %s 'cat .env; sed -i 1d .env; rm .env' > s.sh; sh s.sh",
    'sh -c "tar xf tpl.tar"',
  ];
  const { faults, ran } = await play({ seed, amount: given.length, given });
  assert.deepEqual(faults, []);
  assert.ok(ran >= 3, `${ran}`);
});
