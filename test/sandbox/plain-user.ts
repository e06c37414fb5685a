/**
 * Restricts itself as a plain user on a machine without user namespaces, then runs a command and prints what it was told.
 * `node plain-user.ts <policy as JSON> <command>`
 */
import { spawnSync } from 'node:child_process';
import { handsPolicy } from '../../ipc/hands-protocol.ts';
import { runtimeFolders } from '../../sandbox/paths.ts';
import { proveWalls } from '../../sandbox/prove.ts';
import { restrictProcess } from '../../sandbox/restrict.ts';
import { packageFolders } from '../../supervisor/program.ts';

const policy = handsPolicy.parse(JSON.parse(process.argv[2] ?? ''));
const outside = process.argv[3] ?? '/';
const enforced = restrictProcess(
  policy,
  [...packageFolders(), ...runtimeFolders(process.execPath, '/nonexistent')],
  null,
);
const proof = await proveWalls(outside);
const ran = spawnSync('sh', ['-c', process.argv[4] ?? 'true'], { cwd: policy.workspace, encoding: 'utf8' });
process.stdout.write(JSON.stringify({ enforced, proof, output: ran.stdout + ran.stderr }));
