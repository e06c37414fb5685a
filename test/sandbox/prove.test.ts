// Goal: walls are not said to have holes because somebody killed the child that tried them. Method: the child is killed
// before it can speak, where no write can succeed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { proveWalls } from '../../sandbox/prove.ts';

test('a child that is killed before it has tried the walls is asked again', {
  skip: process.platform !== 'linux',
}, async () => {
  for (let round = 0; round < 10; round += 1) {
    const proving = proveWalls('/nowhere');
    for (const pid of children()) process.kill(pid, 'SIGKILL');
    const proof = await proving;
    assert.deepEqual(Object.values(proof), [true, true, true, true], JSON.stringify(proof));
  }
});

function children(): number[] {
  const file = `/proc/self/task/${process.pid}/children`;
  return readFileSync(file, 'utf8').split(' ').map(Number).filter(Boolean);
}
