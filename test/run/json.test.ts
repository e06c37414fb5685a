// Goal: `--json` is a contract for programs: events without gaps, nothing else, and an end that always comes.
// Method: every line of finished, refused, waiting and failed calls is parsed by the schemas of the ground floor.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { event } from '../../ipc/events.ts';
import { manifest } from '../../ipc/manifest.ts';
import { memoryGroupFolder } from '../../supervisor/memory-group.ts';
import { endOf, eventsOf } from '../support/called.ts';
import { sampleGoal, sampleRepository } from '../support/sample.ts';
import type { Called } from '../support/vtcode.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

const vtcode = vtcodeHere();
const repository = sampleRepository();
const work = ['--json', '-C', repository.root];
after(() => {
  repository.remove();
  rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
});

/** What holds of every streaming output: an unbroken sequence of events of one run, then the end. */
function assertStream(called: Called, first = 1): void {
  const events = eventsOf(called);
  const end = endOf(called);
  events.forEach((line, index) => {
    const parsed = event.safeParse(line);
    assert.ok(parsed.success, `${JSON.stringify(line).slice(0, 200)}: ${JSON.stringify(parsed.error?.issues)}`);
    assert.deepEqual({ seq: line.seq, run: line.run }, { seq: first + index, run: end.run });
    assert.ok(!Number.isNaN(Date.parse(String(line.at))));
  });
  assert.equal(end.exitCode, called.code);
  assert.equal(end.state, end.manifest?.state ?? null);
  if (events.length > 0) assert.equal(end.seq, first + events.length);
  if (end.manifest) assert.deepEqual(manifest.parse(end.manifest), end.manifest);
}

test('a run that is done, one that waits, one that fails and one that is refused keep to the contract', async () => {
  const goals: [string[], number][] = [
    [['run', '--plan', sampleGoal, '--yes'], 0],
    [['run', '--plan', sampleGoal], 3],
    [['run', '--plan', sampleGoal, '--dry-run'], 0],
    [['run', '--plan', 'make it nice', '--yes'], 2],
    [['run', '--plan', ''], 2],
  ];
  for (const [args, code] of goals) {
    // One of them through the pipes of a process, as programs read it.
    const call = code === 3 ? vtcode.callProcess : vtcode.call;
    const called = await call([...args, ...work]);
    assert.equal(called.code, code, called.stderr);
    assertStream(called);
    // A dry run names the checks and waits for none of them.
    const checks = eventsOf(called).filter(({ type }) => type === 'check.started').length;
    if (code !== 2) assert.equal(checks > 0, !args.includes('--dry-run'), args.join(' '));
  }
});

test('resume, log, stop, apply and undo speak the same way', async () => {
  const { run } = endOf(await vtcode.call(['run', '--plan', sampleGoal, ...work]));
  const resumed = await vtcode.call(['resume', run ?? '', '--yes', '--json']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assertStream(resumed);
  const logged = await vtcode.call(['log', run ?? '', '--json']);
  assertStream(logged);
  assert.deepEqual(eventsOf(logged).length, endOf(resumed).manifest?.events);
  assertStream(await vtcode.call(['stop', run ?? '', '--json']));
  const undone = await vtcode.call(['undo', run ?? '', 'rewrite', '--json']);
  assert.equal(undone.code, 0, undone.stderr);
  assertStream(undone, (endOf(resumed).manifest?.events ?? 0) + 1);
  assertStream(await vtcode.call(['apply', run ?? '', '--json']));
});

test('list, show and doctor print one document each', async () => {
  const listed = JSON.parse((await vtcode.call(['list', ...work])).stdout) as { runs: { run: string }[] };
  assert.ok(listed.runs.length >= 5);
  const shown = JSON.parse((await vtcode.call(['show', listed.runs[0]?.run ?? '', '--json'])).stdout) as object;
  assert.ok(manifest.safeParse(shown).success);
  const findings = JSON.parse((await vtcode.call(['doctor', '--json'])).stdout) as {
    findings: { what: string; good: boolean; words: string }[];
  };
  assert.ok(findings.findings.every(({ good }) => good));
  const words = findings.findings.find(({ what }) => what === 'agent memory')?.words ?? '';
  assert.ok(words.includes(memoryGroupFolder() ?? 'watched every second'), words);
});

test('an unknown option in a JSON call still ends with one JSON line', async () => {
  const called = await vtcode.callProcess(['run', '--jsom', '--json']);
  assert.equal(called.code, 2);
  assertStream(called);
});

test('a person who calls without --json gets no JSON and one summary', async () => {
  const called = await vtcode.call(['run', '--plan', sampleGoal, '--yes', '-C', repository.root]);
  assert.equal(called.code, 0, called.stderr);
  assert.equal(called.stderr, '');
  assert.doesNotMatch(called.stdout, /^\{/m);
  for (const words of [
    /1 task merged; every check passed/,
    /look: {3}git diff/,
    /take: {3}vtcode apply/,
    /undo: {3}vtcode undo/,
  ])
    assert.match(called.stdout, words);
});
