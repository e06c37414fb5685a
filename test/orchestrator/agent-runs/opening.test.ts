import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openingWords, type Place } from '../../../orchestrator/agent-runs/opening.ts';

/** Goal: an agent knows where it is in few words. Method: the words for places of each kind. */
const place: Place = {
  folder: '/home/dev/project',
  system: 'Debian GNU/Linux 12 (bookworm) (x64)',
  shell: 'bash',
  date: '2026-12-01 (Europe/Berlin)',
  git: { branch: 'main', changed: ['src/a.ts', 'b.ts'] },
  programs: ['rg', 'git', 'node'],
  network: [],
  mode: 'write',
  commits: 'person',
};

test('a folder of a person, in words', () => {
  assert.equal(
    openingWords(place),
    [
      'You are in /home/dev/project: paths may be relative to it. Debian GNU/Linux 12 (bookworm) (x64), commands run with bash. Today is 2026-12-01 (Europe/Berlin).',
      'Git: branch main, changed or new: src/a.ts, b.ts. git add, commit, switch, stash and the like, as a line of plain git commands, run once the person allows it; never push.',
      'Programs here: rg git node.',
      'Walls: commands write only in this folder and below $TMPDIR; no network but their own loopback.',
    ].join('\n'),
  );
});

const cases: [title: string, more: Partial<Place>, said: RegExp, not?: RegExp][] = [
  ['a clean tree', { git: { branch: 'main', changed: [] } }, /branch main, no changes/],
  ['a detached HEAD', { git: { branch: null, changed: [] } }, /detached HEAD/],
  ['no repository', { git: 'none' }, /no git repository/, /commit/],
  ['a task of a plan', { git: null, commits: 'host' }, /The host commits your work/, /the person allows/],
  ['an agent that only reads', { mode: 'read' }, /Nothing can be written|nothing can be written/, /git add/],
  [
    'hosts and registries',
    { network: ['api.example', 'registry:npm'] },
    /network: api\.example, registry:npm/,
    /no network/,
  ],
  ['a machine without programs', { programs: [] }, /Walls/, /Programs/],
];

for (const [title, more, said, not] of cases)
  test(title, () => {
    const words = openingWords({ ...place, ...more });
    assert.match(words, said);
    if (not) assert.doesNotMatch(words, not);
  });

test('at most 200 tokens, whatever has changed', () => {
  const changed = Array.from(
    { length: 400 },
    (_, at) => `packages/a-rather-long-name/src/components/file-number-${at}.test.tsx`,
  );
  const programs =
    'rg git node npm pnpm yarn python3 uv go cargo java mvn gradle ruby php make cmake gcc docker gh jq'.split(' ');
  const words = openingWords({ ...place, git: { branch: 'feature/a-long-name', changed }, programs });
  assert.match(words, /and 395 more/);
  // Vendors count a token for four to five characters of such words.
  assert.ok(words.length <= 1_000, `${words.length} characters`);
  assert.ok(openingWords(place).length <= 600, `${openingWords(place).length} characters`);
});
