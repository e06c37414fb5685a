import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../ipc/fault.ts';
import { languageServer, toUri, typescriptServer } from '../../../tools/code/language-server.ts';
import { connect } from '../../../tools/code/lsp-connection.ts';
import { temporaryFolder } from '../../support/repository.ts';
import { codeFixture } from './code-fixture.ts';

/**
 * Goal: a language server whose line is broken is not met again by the next question, whichever end of the line tells of it
 * first. Method: scripted servers that break one end and live on.
 */
const breaking = {
  'its input': `process.stdin.destroy(); require('node:fs').closeSync(0);`,
  'its output': `process.stdout.destroy(); require('node:fs').closeSync(1);`,
  'the protocol': `process.stdout.write('Content-Length: none\\r\\n\\r\\n');`,
};
/** Answers `initialize`, then does it, and stays. */
const serverText = (broken: string) => `let heard = '';
process.stdin.on('data', function answer(bytes) {
  heard += bytes;
  const id = /"id":(\\d+)/.exec(heard)?.[1];
  if (id === undefined) return;
  process.stdin.off('data', answer).resume();
  const body = JSON.stringify({ jsonrpc: '2.0', id: Number(id), result: { capabilities: {} } });
  process.stdout.write('Content-Length: ' + body.length + '\\r\\n\\r\\n' + body, () => setTimeout(() => { ${broken} }, 50));
});
setInterval(() => {}, 1000);`;

for (const [what, broken] of Object.entries(breaking))
  test(`a server that breaks ${what} and lives on is replaced at the next question`, async () => {
    await using fixture = codeFixture({});
    const start = () => languageServer(fixture.context, what, [process.execPath, '-e', serverText(broken)]);
    const first = await start();
    assert.equal(await start(), first);
    // Asked until the line tells that it is broken; from then on nobody may meet this one.
    const failed = async (): Promise<Fault> => {
      for (;;) {
        const asked = first.request('vtcode/ask', {}).catch((error: unknown) => error);
        const answer = await Promise.race([asked, sleep(20)]);
        if (answer instanceof Fault) return answer;
      }
    };
    assert.equal((await failed()).code, 'process_failed');
    assert.notEqual(await start(), first);
  });

test('a server whose message does not end is given up before it fills the memory', { timeout: 60_000 }, async () => {
  const [output, input] = [new PassThrough(), new PassThrough()];
  let closes = 0;
  const connection = connect(output, input, () => (closes += 1));
  const asked = connection.request('vtcode/ask', {});
  const refused = assert.rejects(asked, { code: 'process_failed', message: /too large/ });
  output.write('Content-Length: 999999999\r\n\r\n');
  const chunk = Buffer.alloc(1024 ** 2, ' ');
  for (let sent = 0; closes === 0 && sent < 300; sent += 1) {
    output.write(chunk);
    await nextTurn();
  }
  assert.equal(closes, 1);
  await refused;
});

test('the server of TypeScript installs no packages for a project', async (context) => {
  await using fixture = codeFixture({ 'a.js': `import express from 'express';\nexpress();\n` });
  const programs = temporaryFolder('npm');
  const called = join(programs, 'called');
  writeFileSync(join(programs, 'npm'), `#!/bin/sh\necho "$@" >> ${called}\n`);
  chmodSync(join(programs, 'npm'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${programs}:${path}`;
  context.after(() => (process.env.PATH = path));
  const server = await languageServer(fixture.context, 'types', typescriptServer());
  const file = join(fixture.context.workspace, 'a.js');
  server.show(file, 'javascript', `import express from 'express';\nexpress();\n`);
  await server.request('textDocument/documentSymbol', { textDocument: { uri: toUri(file) } });
  // It does so within half a second, where it does.
  await sleep(2_000);
  assert.ok(!existsSync(called), 'npm was called');
});
