import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { hasRoom, openAdmission } from '../../supervisor/admission.ts';
import { availableBytes } from '../../supervisor/free-memory.ts';
import { temporaryFolder } from '../support/repository.ts';

/**
 * Goal: processes start only while memory stays free for others, one always may, and nobody who waits is forgotten.
 * Method: the decision is pure; the gate is given figures; what is free is read from folder trees as kernels make them.
 */
const mb = 2 ** 20;
const never = new AbortController().signal;

test('there is room while so much stays free; those that have just begun count for what they will take', () => {
  const room = (availableMb: number, atWork: number, fresh = 0) =>
    hasRoom({ availableMb, reserveMb: 500, atWork, fresh });
  assert.deepEqual([room(650, 3), room(649, 3)], [true, false]);
  assert.deepEqual([room(950, 3, 2), room(949, 3, 2)], [true, false]);
  assert.equal(room(0, 0), true, 'one may always work');
  assert.equal(room(Number.POSITIVE_INFINITY, 90, 9), true, 'where nothing is known nobody waits');
});

test('who finds no room waits in order, is told why once, and starts when another one leaves', async () => {
  const admission = openAdmission({ reserveMb: 500, availableMb: () => 100 });
  const told: string[] = [];
  const order: string[] = [];
  const enter = (name: string) =>
    admission
      .enter(never, (reason) => told.push(`${name}: ${reason}`))
      .then((leave) => {
        order.push(name);
        return leave;
      });
  const first = await enter('first');
  const [second, third] = [enter('second'), enter('third')];
  await new Promise(setImmediate);
  assert.deepEqual(order, ['first']);
  first?.();
  first?.(); // leaving twice lets no second one in
  (await second)?.();
  await third;
  assert.deepEqual(order, ['first', 'second', 'third']);
  assert.deepEqual(
    told,
    ['second', 'third'].map(
      (name) => `${name}: 100 MB of memory are free, and 500 MB are to stay so (limits.reserve_mb)`,
    ),
  );
});

test('who waits starts when there is more memory, although nobody leaves; who gives up holds nobody back', async () => {
  let availableMb = 100;
  const admission = openAdmission({ reserveMb: 500, availableMb: () => availableMb });
  await admission.enter(never, () => {});
  const impatient = new AbortController();
  const gone = admission.enter(impatient.signal, () => {});
  const patient = admission.enter(never, () => {});
  impatient.abort();
  assert.equal(await gone, null);
  assert.equal(await admission.enter(impatient.signal, () => {}), null);
  availableMb = 1_000;
  assert.equal(typeof (await patient), 'function');
});

/** What is available on a machine with these files, in MiB. */
function availableIn(files: Record<string, string>): number {
  const root = temporaryFolder('machine');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return availableBytes(root) / mb;
}

test('what is free is the least of machine and cgroups, of either version, and cached files count as free', () => {
  const meminfo = { 'proc/meminfo': 'MemTotal: 9999999 kB\nMemAvailable:    4194304 kB\n' };
  assert.equal(availableIn({}), Number.POSITIVE_INFINITY);
  assert.equal(availableIn(meminfo), 4096);
  const two = 'sys/fs/cgroup/user.slice';
  const unified = {
    ...meminfo,
    'proc/self/cgroup': '0::/user.slice/app.scope\n',
    [`${two}/memory.stat`]: `anon 1\ninactive_file ${100 * mb}\n`,
    [`${two}/memory.current`]: `${900 * mb}\n`,
    [`${two}/app.scope/memory.stat`]: 'inactive_file 0\n',
    [`${two}/app.scope/memory.current`]: `${10 * mb}\n`,
    [`${two}/app.scope/memory.max`]: 'max\n',
  };
  assert.equal(availableIn({ ...unified, [`${two}/memory.max`]: 'max\n' }), 4096);
  assert.equal(availableIn({ ...unified, [`${two}/memory.max`]: `${1_000 * mb}\n` }), 200, 'the limit of one above');
  const one = 'sys/fs/cgroup/memory/box';
  const first = {
    ...meminfo,
    'proc/self/cgroup': '5:devices:/\n4:memory:/box\n0::/\n',
    [`${one}/memory.stat`]: `inactive_file 1\ntotal_inactive_file ${50 * mb}\n`,
    [`${one}/memory.usage_in_bytes`]: `${950 * mb}\n`,
  };
  assert.equal(availableIn({ ...first, [`${one}/memory.limit_in_bytes`]: `${1_000 * mb}\n` }), 100);
  assert.equal(availableIn({ ...first, [`${one}/memory.limit_in_bytes`]: '9223372036854771712\n' }), 4096);
});
