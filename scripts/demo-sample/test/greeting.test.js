import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchUser, greeting, through, user } from '../src/index.js';

test('fetchUser names the user', () => {
  assert.equal(fetchUser('1').name, 'user 1');
  assert.equal(user, fetchUser);
});

test('greeting greets', () => {
  assert.equal(greeting('2'), 'Hello, user 2!');
  assert.equal(through((id) => id), '7');
});
