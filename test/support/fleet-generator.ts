import { setTimeout as sleep } from 'node:timers/promises';
import { simulateRun } from './fleet.ts';
import { random as randomFrom } from './random.ts';

/**
 * A program that stands for the hosts of a fleet: `node fleet-generator.ts <state> <seed> <runs> <agents> <rate>` writes
 * so many events a second into the logs of runs with so many agents each, until it is killed. Hosts crash and come back,
 * clocks jump, and the last run comes later than the others. With a rate of 0 all have begun, and nothing happens.
 */
const [state = '', seed = '', runs = '', agents = '', rate = ''] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const make = (number: number) =>
  simulateRun(state, { agents: Number(agents), random, goal: `goal ${number}`, root: `/work/${number % 3}` });
const isSilent = Number(rate) === 0;
const fleet = Array.from({ length: Number(runs) - 1 }, (_, at) => make(at));
if (isSilent) {
  fleet.push(make(Number(runs)));
  for (const one of fleet) one.step(Number(agents) * 10);
}
process.send?.('up');
const began = performance.now();
const clocks = [0, 0, -3_600_000, 0, 90_000_000];
let [written, nextCrash, nextJump] = [0, 1_000, 1_500];
for (let wasLate = false; ; await sleep(10)) {
  const now = performance.now() - began;
  if (isSilent) continue;
  if (!wasLate && now > 3_000) {
    wasLate = true;
    fleet.push(make(Number(runs)));
  }
  const some = () => fleet[Math.floor(random() * fleet.length)];
  if (now > nextCrash) {
    nextCrash = now + 700;
    const one = some();
    if (one?.isLive()) one.crash();
    for (const other of fleet) if (other !== one && !other.isLive()) other.startHost();
  }
  if (now > nextJump) {
    nextJump = now + 900;
    const one = some();
    if (one) one.clockMs = clocks[Math.floor(random() * clocks.length)] ?? 0;
  }
  // What a busy machine had no time for is not made up for: so many a second is the most.
  const due = Math.min((now * Number(rate)) / 1_000, written + Number(rate) / 10);
  const wanted = Math.floor(due - written);
  for (const one of fleet) one.step(Math.ceil(wanted / fleet.length));
  written = Math.max(due, (now * Number(rate)) / 1_000 - Number(rate) / 10);
  process.send?.({ written: Math.round(written) });
}
