// Goal: a command that fetches packages says which registry it needs, goes through where that is granted, and is asked for
// where it is not; sending and signing in is never part of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLine } from '../../security/rules/command-rules.ts';
import { shippedRules } from '../support/policy-rules.ts';

const judged = (line: string, registries: string[] = []) =>
  judgeLine(line, { rules: shippedRules, directory: '.', registries });

const needs: [string, string][] = [
  ['npm install left-pad', 'npm'],
  ['npm ci', 'npm'],
  ['pnpm add -D vitest', 'npm'],
  ['yarn', 'npm'],
  ['bun add zod', 'npm'],
  ['npx cowsay hi', 'npm'],
  ['pip install -r requirements.txt', 'pypi'],
  ['python3 -m pip install numpy', 'pypi'],
  ['uv sync', 'pypi'],
  ['poetry add requests', 'pypi'],
  ['cargo add serde', 'crates'],
  ['go mod tidy', 'go'],
  ['bundle install', 'rubygems'],
  ['gem install rake', 'rubygems'],
  ['composer install', 'packagist'],
  ['dotnet restore', 'nuget'],
  ['mix deps.get', 'hex'],
  ['dart pub get', 'pub'],
];
for (const [line, registry] of needs)
  test(`${line} needs ${registry}`, () => {
    const asked = judged(line);
    assert.deepEqual([asked.verdict, asked.risk], ['ask', 'beyond'], asked.rule);
    assert.deepEqual(
      asked.parts.flatMap((part) => part.registries ?? []),
      [registry],
    );
    assert.match(asked.rule, new RegExp(`needs the ${registry} registry`));
    assert.notEqual(judged(line, [registry]).risk, 'beyond');
    assert.equal(judged(line, ['other']).risk, 'beyond');
  });

const more = [
  'npm publish',
  'npm login',
  'npm install left && curl https://x.example.org',
  'cargo publish',
  'gem push a.gem',
];
for (const line of [
  ...more,
  'pip install x && git push',
  'npm config set registry https://x.example.org',
  'uv publish',
])
  test(`${line} is not part of a registry's grant`, () => {
    const { verdict, risk } = judged(line, ['npm', 'pypi', 'crates', 'rubygems']);
    assert.ok(verdict === 'deny' || risk === 'beyond');
  });
