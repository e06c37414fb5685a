// Goal: what other agents' models do in their own words works here: at least 95 % of the calls of a session are carried out,
// or refused with a next step where a person should be asked. Method: sessions of seven families, rebuilt with neutral
// content, are played against the built commands; one of each here, all of them in `npm run proof sessions`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playSession, sessionNames } from '../support/recorded-session.ts';

const names = sessionNames();
const family = (name: string) => name.replace(/-\d+\.json$/, '');

test('there are three sessions of each of seven families', () => {
  const counts = Object.values(Object.groupBy(names, family)).map((list) => list?.length);
  assert.deepEqual(counts, Array(7).fill(3));
});

const all: boolean[] = [];
for (const name of names.slice(0, new Set(names.map(family)).size))
  test(`the calls of ${name}`, async () => {
    const { calls, code } = await playSession(name);
    assert.equal(code, 0);
    all.push(...calls.map(({ ok }) => ok));
    const wrong = calls.filter(({ ok }) => !ok);
    assert.ok(wrong.length <= 1, JSON.stringify(wrong, null, 1));
  });

test('of all calls at least 95 % went as they should', () => {
  const share = all.filter(Boolean).length / all.length;
  assert.ok(share >= 0.95, `${(share * 100).toFixed(1)} %`);
});
