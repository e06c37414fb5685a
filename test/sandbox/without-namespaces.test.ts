/**
 * Goal: without any namespace the walls still stand on Landlock and seccomp alone, and say what they are.
 * Method: a process that gave up root (this test needs root to become a plain user) restricts itself and tries.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { place } from '../tools/program/hands-here.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const nobody = 65534;

test('a plain user without namespaces is kept in, and has no sockets', { skip: !isRoot }, (context) => {
  const { policy, workspace, outside } = place(context, { file: 'inside\n' });
  chmodSync(dirname(workspace), 0o755);
  for (const path of [workspace, policy.home, policy.temporary, policy.outputs, outside])
    chownSync(path, nobody, nobody);
  writeFileSync(join(outside, 'secret'), 'secret\n', { mode: 0o644 });
  const program = fileURLToPath(new URL('./plain-user.ts', import.meta.url));
  const attempts = [
    `cat file`,
    `cat ${outside}/secret || echo no-read`,
    `echo x > ${outside}/new || echo no-write`,
    `node -e 'require("net").createServer().on("error", (e) => console.log(e.code)).listen(0, "127.0.0.1")'`,
    `node -e 'require("net").createServer().on("error", (e) => console.log(e.code)).listen("s.sock")'`,
    `node -e 'require("child_process").fork("child.js", { stdio: "inherit" })'`,
    'ls -l /proc/self/fd | grep -c secret',
  ];
  writeFileSync(join(workspace, 'child.js'), 'console.log("forked", typeof process.send)');
  // A descriptor that leaked into vtcode from whoever started it, with a number that node does not look at.
  const leak = 'exec 200<"$0"; exec "$@"';
  const words = [program, JSON.stringify(policy), outside, `(${attempts.join('; ')}) 2>/dev/null`];
  const ran = spawnSync('bash', ['-c', leak, join(outside, 'secret'), process.execPath, ...words], {
    ...{ uid: nobody, gid: nobody, encoding: 'utf8', cwd: '/' },
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
  });
  assert.equal(ran.stderr, '');
  const { enforced, proof, output } = JSON.parse(ran.stdout);
  assert.deepEqual(proof, {
    ...{ syncWriteRefused: true, asyncWriteRefused: true, workerWriteRefused: true, childWriteRefused: true },
  });
  assert.equal(enforced.network, 'no_sockets');
  assert.match(enforced.summary, /^landlock abi \d+, seccomp, no capabilities, no network sockets/);
  assert.equal(output, 'inside\nno-read\nno-write\nEACCES\nEACCES\nforked function\n0\n');
  assert.deepEqual(readdirSync(outside), ['secret']);
});
