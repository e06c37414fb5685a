/** Confines itself as an agent does, proves it, tries what its argument names, and prints what came of it as JSON. */
import { execFileSync, fork, spawnSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { Worker } from 'node:worker_threads';
import { confineAgent, holesOfAgent } from '../../sandbox/agent-sandbox.ts';
import { runtimeFolders } from '../../sandbox/paths.ts';
import { packageFolders } from '../../supervisor/program.ts';

// Forked by itself, where that is not refused: it must not go on for ever.
if (process.argv[2] === 'forked') process.exit();

const given = JSON.parse(process.argv[2] ?? '{}') as { folder: string; port: number; parent: number; confine: boolean };
const { folder, port, parent } = given;
const readable = [...packageFolders(), ...runtimeFolders(process.execPath, userInfo().homedir)];
const confined = given.confine && confineAgent(readable);
const holes = given.confine ? await holesOfAgent() : [];

const emitted = (target: NodeJS.EventEmitter, good: string) =>
  new Promise((resolve, reject) => void target.once(good, resolve).once('error', reject));
const inWorker = (code: string) =>
  new Promise<void>((resolve, reject) => {
    const worker = new Worker(code, { eval: true });
    worker.once('error', reject).once('exit', (exit) => (exit === 0 ? resolve() : reject(new Error(`exit ${exit}`))));
  });

const acts: Record<string, () => unknown> = {
  'exec a program': () => execFileSync('/bin/true'),
  'exec our own runtime': () => execFileSync(process.execPath, ['-e', '0']),
  'fork ourselves': () => emitted(fork(process.argv[1] ?? '', ['forked'], { stdio: 'ignore' }), 'spawn'),
  'spawn in a shell': () => {
    const { error } = spawnSync('true', { shell: true });
    if (error) throw error;
  },
  'write a new file': () => fs.writeFileSync(`${folder}/new`, 'x'),
  'write later': () => fs.promises.writeFile(`${folder}/later`, 'x'),
  'write in a thread': () => inWorker(`require('node:fs').writeFileSync(${JSON.stringify(`${folder}/thread`)}, 'x')`),
  'append to a file': () => fs.appendFileSync(`${folder}/file`, 'x'),
  'open for reading and writing': () => fs.closeSync(fs.openSync(`${folder}/file`, 'r+')),
  'empty a file': () => fs.truncateSync(`${folder}/file`, 0),
  'remove a file': () => fs.rmSync(`${folder}/file`),
  'remove a file later': () => fs.promises.unlink(`${folder}/file`),
  'rename a file': () => fs.renameSync(`${folder}/file`, `${folder}/other`),
  'link a file': () => fs.linkSync(`${folder}/file`, `${folder}/hard`),
  'make a symbolic link': () => fs.symlinkSync('/etc', `${folder}/soft`),
  'make a folder': () => fs.mkdirSync(`${folder}/made`),
  'change a mode': () => fs.chmodSync(`${folder}/file`, 0o777),
  'change times': () => fs.utimesSync(`${folder}/file`, 1, 1),
  'write to our own memory': () => fs.writeFileSync('/proc/self/comm', 'x'),
  'read a foreign file': () => fs.readFileSync(`${folder}/file`),
  'read a foreign file later': () => fs.promises.readFile(`${folder}/file`),
  'list a foreign folder': () => fs.readdirSync(folder),
  'read the accounts': () => fs.readFileSync('/etc/passwd'),
  'read the host’s environment': () => fs.readFileSync(`/proc/${parent}/environ`),
  'look at the host’s command line': () => fs.readFileSync(`/proc/${parent}/cmdline`),
  'signal the host': () => process.kill(parent, 0),
  serve: () => emitted(createServer().listen(0, '127.0.0.1'), 'listening'),
  'connect to a socket in the file system': () => emitted(connect(`${folder}/socket`), 'connect'),
};
const needs: Record<string, () => unknown> = {
  'speak to a server': async () => {
    if ((await (await fetch(`http://localhost:${port}/`)).text()) !== 'served') throw new Error('not served');
  },
  'find a name': () => lookup('localhost'),
  'load code late': () => import('../../providers/formats/open.ts'),
  'read its own package': () => fs.promises.readFile(new URL('../../package.json', import.meta.url)),
  'read certificates': () => {
    if (fs.existsSync('/etc/ssl/certs')) fs.readdirSync('/etc/ssl/certs');
  },
  'start a thread': () => inWorker('0'),
  'know its memory': () => process.memoryUsage().rss,
};

const failed = async (all: Record<string, () => unknown>) => {
  const reasons: Record<string, string> = {};
  for (const [name, act] of Object.entries(all))
    try {
      await act();
    } catch (error) {
      reasons[name] = String(error);
    }
  return reasons;
};
const [refused, missing] = [await failed(acts), await failed(needs)];
const worked = Object.keys(acts).filter((name) => !(name in refused));
process.stdout.write(JSON.stringify({ confined, holes, worked, tried: Object.keys(acts).length, missing }));
process.exit();
