import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { shellIn } from '../../orchestrator/environment/shell.ts';
import { startModelServer } from '../support/model-server.ts';
import { temporaryFolder } from '../support/repository.ts';
import { messagesOf, textOf, useModel } from '../support/scripted-run.ts';
import { vtcodeHere } from '../support/vtcode-here.ts';

/**
 * Goal: lines as models write them, in bash, run as they are meant, and no start file has a say.
 * Method: the real program against a scripted model that runs one line after the other.
 */
const vtcode = vtcodeHere();
const server = await startModelServer(() => ({ answer: { text: 'Hello.' } }));
useModel(vtcode, server);
after(() => server.stop());

const lines: [line: string, result: RegExp][] = [
  ['source ./names.sh && echo "$NAME"', /^exit 0\nAda\n/],
  ['[[ abc == a* ]] && echo yes', /^exit 0\nyes\n/],
  [`words=(one two three); echo "\${#words[@]}"`, /^exit 0\n3\n/],
  ['set -o pipefail; false | cat', /^Error: exit 1\n/],
  ['cat <<< here; diff <(echo a) <(echo a) && echo same', /^exit 0\nhere\nsame\n/],
  ['echo {1..3} "$SHELL"', /^exit 0\n1 2 3 \S*bash\n/],
];

test('lines in bash run as they are meant', async () => {
  const path = temporaryFolder('bash');
  writeFileSync(join(path, 'names.sh'), 'NAME=Ada\n');
  server.answerWith((request) => {
    const said = messagesOf(request).filter(({ role }) => role === 'assistant').length;
    const command = lines[said]?.[0];
    return { answer: command ? { calls: [{ name: 'run_command', arguments: { command } }] } : { text: 'Well.' } };
  });
  const called = await vtcode.call(['run', 'try it', '--auto', '-C', path], {
    environment: { BASH_ENV: './names.sh' },
  });
  assert.equal(called.code, 0, called.stderr);
  const results = messagesOf(server.requests.at(-1)!)
    .filter(({ role }) => role === 'tool')
    .map(textOf);
  for (const [at, [line, result]] of lines.entries()) assert.match(results[at] ?? '', result, line);
});

test('a machine without bash has sh', () => {
  assert.equal(shellIn([temporaryFolder('no-bash')]), '/bin/sh');
});
