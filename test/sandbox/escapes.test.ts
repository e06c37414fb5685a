/**
 * Goal: what runs behind the walls cannot reach anything of the person's. Method: real hands, real commands that try;
 * each is compared with the same attempt made from outside the walls, so that a probe which cannot work proves nothing.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { installedPrograms } from '../../sandbox/installed.ts';
import { packageFolder } from '../../supervisor/program.ts';
import type { PermittedHands } from '../support/permitted.ts';
import { handsAt, place, sh, type TestHands } from '../tools/program/hands-here.ts';

if (process.platform !== 'linux') process.exit(0);

let here: TestHands;
let hands: PermittedHands;
const servers: Server[] = [];
const teardown: (() => unknown)[] = [];
const abstractName = `vtcode-test-${process.pid}`;

const listen = async (where: number | string): Promise<Server> => {
  const server = createServer((socket) => socket.end('reached'));
  const options = typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where };
  await new Promise<void>((resolve) => server.listen(options, resolve));
  servers.push(server);
  return server;
};

before(async () => {
  const context = { after: (end: () => unknown) => void teardown.push(end) };
  here = place(context, { 'inside.txt': 'inside\n' });
  writeFileSync(join(here.outside, 'secret'), 'secret\n', { mode: 0o600 });
  mkdirSync(join(here.workspace, '.git'));
  writeFileSync(join(here.workspace, '.git/config'), '[core]\n');
  hands = await handsAt(context, here.policy);
});

after(async () => {
  for (const server of servers) server.close();
  for (const end of teardown.reverse()) await end();
});

/** Names, sizes, modes and change times of the outside: any write, chmod or touch shows. */
const outsideState = () =>
  readdirSync(here.outside).map((name) => {
    const { size, mode, mtimeMs, nlink } = lstatSync(join(here.outside, name));
    return { name, size, mode, mtimeMs, nlink };
  });

test('the walls of this machine are proved at start', () => {
  assert.deepEqual(hands.walls.proof, {
    ...{ syncWriteRefused: true, asyncWriteRefused: true, workerWriteRefused: true, childWriteRefused: true },
  });
});

test('no way of writing, changing or reading leads outside', async () => {
  const before = outsideState();
  const out = here.outside;
  const attempts = [
    `echo x > ${out}/new`,
    `echo x >> ${out}/secret`,
    `truncate -s 0 ${out}/secret`,
    `ln -s ${out} link && echo x > link/new`,
    `ln -s ${out}/secret alias && cat alias`,
    `ln ${out}/secret hard`,
    `mv inside.txt ${out}/inside.txt`,
    `mv ${out}/secret stolen`,
    `rm ${out}/secret`,
    `cat ${out}/secret`,
    `cat /proc/self/root${out}/secret`,
    `cat /proc/${process.pid}/root${out}/secret`,
    `chmod 777 ${out}/secret`,
    `touch -d 2001-01-01 ${out}/secret`,
    `mkdir ${out}/folder`,
    'echo x > /etc/vtcode-test',
    'touch /usr/vtcode-test',
    'mknod device b 8 0',
    'echo x > /proc/sys/kernel/hostname',
    'echo x > /sys/kernel/uevent_helper',
  ];
  for (const attempt of attempts) assert.notEqual((await sh(hands, attempt)).code, 0, attempt);
  assert.deepEqual(outsideState(), before);
  assert.equal(readFileSync(join(here.workspace, 'inside.txt'), 'utf8'), 'inside\n');
});

test('of the person’s home only installed programs are to be seen', async () => {
  const { text } = await sh(hands, `ls -A ${homedir()} 2>/dev/null`);
  const seen = text.split('\n').filter((name) => name !== '');
  const readable = installedPrograms(process.env.PATH ?? '', homedir()).readable;
  const expected = (name: string) =>
    [...readable, packageFolder()].some((path) => `${path}/`.startsWith(`${homedir()}/${name}/`));
  assert.deepEqual(
    seen.filter((name) => !expected(name)),
    [],
  );
});

test('what only root may read of the system is not there for the hands of a root either', async () => {
  const { text } = await sh(hands, 'cat /etc/shadow /etc/gshadow; ls -A /etc/ssl/private');
  const lines = text
    .split('\n')
    .filter((line) => !/^exit \d|denied|No such file|cannot open/.test(line) && line !== '');
  assert.deepEqual(lines, []);
});

test('other processes can be neither read nor ended', async () => {
  for (const pid of [process.pid, hands.pid]) {
    assert.notEqual((await sh(hands, `cat /proc/${pid}/environ`)).code, 0, 'environment');
    assert.notEqual((await sh(hands, `head -c 1 /proc/${pid}/mem`)).code, 0, 'memory');
    assert.notEqual((await sh(hands, `readlink /proc/${pid}/fd/0`)).code, 0, 'descriptors');
    assert.notEqual((await sh(hands, `readlink /proc/${pid}/cwd`)).code, 0, 'working directory');
  }
  assert.notEqual((await sh(hands, `kill -0 ${process.pid}`)).code, 0);
});

test('no environment variable of the host gets in', async () => {
  const { text } = await sh(hands, 'env');
  const names = text.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
  const inherited = names.filter((name) => name in process.env);
  const installed = Object.keys(installedPrograms(process.env.PATH ?? '', homedir()).environment);
  const ours = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SHELL', 'TERM', 'PWD', 'OLDPWD', 'SHLVL', '_', ...installed];
  assert.deepEqual(
    inherited.filter((name) => !ours.includes(name) && !name.startsWith('npm_config_')),
    [],
  );
});

/** Connects with node and prints what it reads; the same text for the inside and the outside. */
const connect = (where: string) =>
  `require("node:net").connect(${where}).on("data", (d) => console.log(String(d))).on("error", (e) => { console.log(e.code); process.exit(1); })`;

test('the host’s loopback, sockets by path and abstract sockets are out of reach', async () => {
  const tcp = await listen(0);
  const address = tcp.address();
  assert.ok(address && typeof address === 'object');
  await listen(join(here.outside, 'socket'));
  await listen(`\0${abstractName}`);
  const targets = [`${address.port}, "127.0.0.1"`, `"${here.outside}/socket"`, `"\\0${abstractName}"`];
  for (const target of targets) {
    const inside = await sh(hands, `node -e '${connect(target)}'`);
    assert.equal(inside.code, 1, `${target}: ${inside.text}`);
    const outside = await outsideNode(connect(target));
    assert.equal(outside, 'reached\n', `the probe itself must work: ${target}`);
  }
});

async function outsideNode(script: string): Promise<string> {
  return new Promise((resolve) => execFile(process.execPath, ['-e', script], (_, stdout) => resolve(stdout)));
}

/** Makes system calls by number and prints the errno of each (0: it worked). */
const systemCalls = `
  const koffi = require(process.env.KOFFI);
  const call = koffi.load(null).func('syscall', 'int64', Array(7).fill('int64'));
  for (const [name, number, ...words] of JSON.parse(process.env.CALLS)) {
    while (words.length < 6) words.push(0);
    const result = call(number, ...words);
    console.log(name + '=' + (result < 0 ? koffi.errno() : 0));
  }`;

test('the system calls that reach past the walls are refused', { skip: process.arch !== 'x64' }, async () => {
  const [EPERM, EACCES, ENOSYS] = [1, 13, 38];
  const calls: [string, number, number, ...number[]][] = [
    ['ptrace', EPERM, 101, 16, hands.pid],
    ['process_vm_readv', EPERM, 310, hands.pid],
    ['mount', EPERM, 165],
    ['umount2', EPERM, 166],
    ['pivot_root', EPERM, 155],
    ['unshare user', EPERM, 272, 0x10000000],
    ['setns', EPERM, 308, -1, 0],
    ['clone user', EPERM, 56, 0x10000011],
    ['clone3', ENOSYS, 435],
    ['bpf', EPERM, 321],
    ['keyctl', EPERM, 250],
    ['userfaultfd', EPERM, 323],
    ['perf_event_open', EPERM, 298],
    ['open_by_handle_at', EPERM, 304],
    ['io_uring_setup', ENOSYS, 425, 8],
    ['kexec_load', EPERM, 246],
    ['x32 getpid', EPERM, 0x40000027],
    ['ioctl TIOCSTI', EPERM, 16, 0, 0x5412],
    ['raw socket', EACCES, 41, 2, 3, 1],
    ['packet socket', EACCES, 41, 17, 3, 0],
    ['vsock', EACCES, 41, 40, 1, 0],
    ['audit netlink', EACCES, 41, 16, 3, 9],
  ];
  writeFileSync(join(here.workspace, 'calls.cjs'), systemCalls);
  const report = await hands.run({
    ...{ command: 'node calls.cjs', directory: '.', timeoutMs: 20_000 },
    environment: {
      KOFFI: join(packageFolder(), 'node_modules/koffi'),
      CALLS: JSON.stringify(calls.map(([name, , ...words]) => [name, ...words])),
    },
  });
  assert.equal(report.tail, calls.map(([name, errno]) => `${name}=${errno}\n`).join(''));
});

test('no capability is left, and none comes back with a set-user-id program', async () => {
  const { text } = await sh(hands, 'grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status');
  const none = '0000000000000000';
  const expected = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name}:\t${none}\n`).join('');
  const hasRights = process.getuid?.() === 0 || hands.walls.network === 'private_loopback';
  assert.equal(
    text.replace(hasRights ? /$^/ : /CapBnd:\t\w+/, `CapBnd:\t${none}`),
    `${expected}NoNewPrivs:\t1\nSeccomp:\t2\n`,
  );
});

test('nobody takes off the limits that it is known by', async () => {
  const look = "grep 'realtime timeout' /proc/self/limits | tr -s ' '";
  const before = (await sh(hands, look)).text;
  assert.match(before, /^Max realtime timeout \d+ \d{19} us/);
  const attempts = ['prlimit --pid $$ --rttime=5:5', 'prlimit --pid $$ --rttime=5', `env -i /bin/sh -c 'ulimit -R 5'`];
  const { text } = await sh(hands, `(${attempts.join('; ')}) 2>/dev/null; env -i /bin/sh -c "${look}"`);
  assert.equal(text, before);
});

test('the debugger of the hands cannot be opened by a signal', async () => {
  const { text } = await sh(hands, `kill -USR1 $PPID; sleep 0.5; cat /proc/net/tcp | grep -c :240D`);
  assert.equal(text, '0\n');
  assert.equal((await sh(hands, 'true')).code, 0);
});

test('the work tree’s own .git cannot be changed where the machine can hide it', async (context) => {
  if (!hands.walls.summary.includes('private file view')) return context.skip('needs a private file view');
  for (const attempt of ['echo x >> .git/config', 'mv .git other', 'rm -r .git', 'mkdir -p .git/hooks'])
    assert.notEqual((await sh(hands, attempt)).code, 0, attempt);
  assert.equal(readFileSync(join(here.workspace, '.git/config'), 'utf8'), '[core]\n');
});

test('hands in mode read cannot write to the workspace', async (context) => {
  const other = place(context, { 'file.txt': 'content\n' });
  const reading = await handsAt(context, { ...other.policy, mode: 'read' });
  assert.equal((await sh(reading, 'cat file.txt')).text, 'content\n');
  assert.notEqual((await sh(reading, 'echo x > file.txt')).code, 0);
  assert.notEqual((await sh(reading, 'echo x > new.txt')).code, 0);
  assert.equal((await sh(reading, 'echo x > "$TMPDIR/new" && cat "$TMPDIR/new"')).text, 'x\n');
});

test('the probes above do work for somebody outside', () => {
  execFileSync('sh', ['-c', `cat ${here.outside}/secret && cat /proc/${process.pid}/environ > /dev/null`], {
    stdio: 'pipe',
  });
});
