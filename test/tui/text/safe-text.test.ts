import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safe } from '../../../tui/text/safe-text.ts';

// Goal: text of strangers cannot steer a terminal, nor be read otherwise than it is. Method: such texts, and harmless ones.
test('what steers a terminal or turns the direction of text is shown as a mark', () => {
  assert.equal(safe('\x1b[2Jred\u009b31m\x07'), '�[2Jred�31m�');
  assert.equal(safe('if (admin\u202e\u2066) {'), 'if (admin��) {');
  assert.equal(safe('back\rover'), 'back�over');
});

test('lines, tabs, other languages and line ends of Windows stay', () => {
  assert.equal(safe('a\tb\nç 日本 שלום 👩‍💻'), 'a\tb\nç 日本 שלום 👩‍💻');
  assert.equal(safe('one\r\ntwo\r\n'), 'one\ntwo\n');
});
