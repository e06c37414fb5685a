// Goal: a scope means the same files however its plan names them, and one that leads elsewhere is a fault of the plan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopesFromTop } from '../../../orchestrator/plans/plan-scopes.ts';

const tops = ['/home/u/project', '/state/trees/run_1-planner'];
const scopes: [string, string][] = [
  ['src/**', 'src/**'],
  ['./src/**', 'src/**'],
  ['src/../lib/*.ts', 'lib/*.ts'],
  ['/home/u/project/src/**', 'src/**'],
  ['/state/trees/run_1-planner/src/a.ts', 'src/a.ts'],
  ['/home/u/project', '**'],
  ['/home/u/project/', '**'],
  ['.', '**'],
  ['/home/u/project2/**', '/home/u/project2/**'],
  ['../x', '../x'],
];
for (const [given, expected] of scopes)
  test(`the scope ${given} is ${expected}`, () => {
    assert.deepEqual(scopesFromTop([{ scope: [given] }], tops), [{ scope: [expected] }]);
  });
