import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DoneCall, doneCall, repetition } from '../../state/repetition.ts';

/**
 * Goal: an agent that repeats itself is found, and one that makes progress is not.
 * Method: a table of calls with their results; `times` is how often the newest round was made.
 */
type Said = string | { text: string; isError: boolean };
const ran = (command: string, said: Said) => done('run_command', { command }, said, true);
const read = (path: string, text = path) => done('read_file', { path }, text, false);
const edit = (path: string, said: Said = 'Done.') =>
  done('edit_file', { path }, said, typeof said === 'string' || !said.isError);
const error = (text: string) => ({ text, isError: true });

function done(name: string, given: unknown, said: Said, acted: boolean): DoneCall {
  return doneCall(name, given, typeof said === 'string' ? { text: said, isError: false } : said, acted);
}

function times(count: number, round: (at: number) => DoneCall[]): DoneCall[] {
  return Array.from({ length: count }, (_, at) => round(at)).flat();
}

const cases: [title: string, calls: DoneCall[], times: number, round?: number][] = [
  ['nothing', [], 0],
  ['one call', [read('a')], 1],
  ['different calls', [read('a'), read('b'), ran('make', 'ok')], 1],
  ['the same failing call', times(5, () => [edit('a', error('not there'))]), 5],
  ['the same call with the same result', times(3, () => [read('a')]), 3],
  ['a circle of two', times(4, () => [read('a'), read('b')]), 4, 2],
  ['a circle of three', times(3, () => [read('a'), read('b'), ran('ls', 'x')]), 3, 3],
  ['a circle of four', times(5, () => [read('a'), read('b'), read('c'), read('d')]), 5, 4],
  ['a circle of five is none', times(5, () => ['a', 'b', 'c', 'd', 'e'].map((path) => read(path))), 1],
  ['a circle in the middle of its round', [...times(3, () => [read('a'), read('b')]), read('a')], 3, 2],
  ['a poll whose output changes', times(9, (at) => [ran('sleep 5; curl -f x', error(`building: ${at * 10} %`))]), 1],
  ['a poll whose output stays', times(4, () => [ran('sleep 5; curl x', error('refused'))]), 4],
  [
    'two calls that wait in turn, with the same answer',
    times(3, () => [ran('sleep 5', ''), ran('curl x', 'no')]),
    3,
    2,
  ],
  ['a test run between edits', times(6, (at) => [edit(`f${at}`), ran('npm test', error('1 failed'))]), 1],
  ['a test run between two runs of something else', [ran('t', error('1')), ran('a', 'x'), ran('t', error('1'))], 1],
  ['a failing edit after a failing test', times(5, () => [edit('a', error('no')), ran('t', error('1'))]), 5, 2],
  ['a failing call between reads', times(5, (at) => [edit('a', error('not there')), read(`f${at}`)]).slice(0, -1), 5],
  ['a failing call whose reason changes', times(5, (at) => [edit('a', error(`line ${at}`))]), 1],
  ['a test run that differs in its times', times(3, (at) => [ran('t', error(`1 failed (${at + 1}.2 s)`))]), 3],
  ['runs at different times of day', times(3, (at) => [ran('t', `12:00:0${at} ok, pid ${at}, /tmp/x${at}`)]), 3],
  [
    'dry runs, each named by its call',
    times(3, (at) => [done('rename_symbol', {}, `{"call":"c${at}","n":1}`, false)]),
    3,
  ],
  ['a file that has changed', [read('a', 'one'), read('a', 'two'), read('a', 'two')], 2],
];

for (const [title, calls, wanted, round = 1] of cases)
  test(`${title}: ${wanted}`, () => {
    const found = repetition(calls);
    assert.equal(found.times, wanted);
    if (wanted > 1) assert.equal(found.round.length, round);
  });
