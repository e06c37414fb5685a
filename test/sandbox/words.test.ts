/** Goal: what the walls are built from, and what is said of them, is right also for machines we do not run on. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { HandsPolicy } from '../../ipc/hands-protocol.ts';
import { adviceFor, diagnoseWalls, type Walls } from '../../sandbox/doctor.ts';
import { installationOf, installedPrograms } from '../../sandbox/installed.ts';
import { mountOrder } from '../../sandbox/mounts.ts';
import { summaryOf } from '../../sandbox/restrict.ts';
import { seatbeltLauncher } from '../../sandbox/seatbelt.ts';
import { filterProgram, type SocketRules } from '../../sandbox/seccomp.ts';

const policy: HandsPolicy = {
  ...{ workspace: '/Users/a b/w', mode: 'write', writable: ['/c"d'], readable: ['/r'], network: [] },
  ...{
    home: '/h',
    temporary: '/t',
    outputs: '/o',
    hidden: [],
    path: ['/p'],
    kept: ['/w/sub/.git'],
    ...{ pinned: ['/w/sub'], masked: ['/w/.env'], refused: [] },
    languageServers: {},
  },
  limits: { outputBytesMax: 1, fileBytesMax: 1, memoryBytesMax: 1, processesMax: 1 },
};

test('the Seatbelt profile refuses by default, allows the policy’s paths, and ends with .git and the network', () => {
  const [file, option, profile = ''] = seatbeltLauncher(policy, ['/package']);
  assert.deepEqual([file, option], ['/usr/bin/sandbox-exec', '-p']);
  const lines = profile.split('\n');
  assert.deepEqual(lines.slice(0, 2), ['(version 1)', '(deny default)']);
  assert.deepEqual(lines.slice(-3), [
    '(deny file-write* (subpath "/Users/a b/w/.git") (subpath "/w/sub/.git"))',
    '(deny file-write-unlink (literal "/w/sub"))',
    '(deny network*)',
  ]);
  assert.equal(
    lines.find((line) => line.startsWith('(allow file-write* (subpath')),
    '(allow file-write* (subpath "/c\\"d") (subpath "/h") (subpath "/t") (subpath "/o") (subpath "/Users/a b/w"))',
  );
  assert.match(
    profile,
    /\(allow file-read\* \(literal "\/"\) .*\(subpath "\/package"\) \(subpath "\/r"\) \(subpath "\/p"\)/,
  );
  assert.equal((profile.match(/\(/g) ?? []).length, (profile.match(/\)/g) ?? []).length);
  const reading = seatbeltLauncher({ ...policy, mode: 'read' }, [])[2] ?? '';
  assert.doesNotMatch(reading.split('\n').find((line) => line.startsWith('(allow file-write* (subpath')) ?? '', /\/w"/);
});

/** Runs a classic BPF program over one system call: enough of the machine for what the filter uses. */
function judge(program: Buffer, data: { number: number; architecture: number; words: number[] }): string {
  const memory = Buffer.alloc(64);
  memory.writeUInt32LE(data.number, 0);
  memory.writeUInt32LE(data.architecture, 4);
  for (const [index, word] of data.words.entries()) memory.writeUInt32LE(word, 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [code, yes, no] = [
      program.readUInt16LE(at * 8),
      program.readUInt8(at * 8 + 2),
      program.readUInt8(at * 8 + 3),
    ];
    const value = program.readUInt32LE(at * 8 + 4);
    if (code === 0x20) accumulator = memory.readUInt32LE(value);
    else if (code === 0x54) accumulator &= value;
    else if (code === 0x15) at += accumulator === value ? yes : no;
    else if (code === 0x35) at += accumulator >= value ? yes : no;
    else if (code === 0x45) at += (accumulator & value) !== 0 ? yes : no;
    else if (code === 0x06)
      return value === 0x7fff0000 ? 'allow' : value === 0x80000000 ? 'kill' : `errno ${value & 0xffff}`;
    else assert.fail(`unknown instruction ${code}`);
  }
}

/** Numbers of the system calls that the filter is asked about. */
const machines = {
  x64: {
    architecture: 0xc000003e,
    socket: 41,
    clone: 56,
    ptrace: 101,
    shmget: 29,
    execve: 59,
    openat: 257,
    renameat2: 316,
    read: 0,
    setns: 308,
    setrlimit: 160,
    prlimit: 302,
    setpriority: 141,
    shmat: 30,
    socketpair: 53,
    fchmodat: 268,
  },
  arm64: {
    architecture: 0xc00000b7,
    socket: 198,
    clone: 220,
    ptrace: 117,
    shmget: 194,
    execve: 221,
    openat: 56,
    renameat2: 276,
    read: 63,
    setns: 268,
    setrlimit: 164,
    prlimit: 261,
    setpriority: 140,
    shmat: 196,
    socketpair: 199,
    fchmodat: 53,
  },
};

const rules = {
  open: { internet: true, unix: true, ipc: true, ownProcesses: true },
  shut: { internet: false, unix: false, ipc: false, ownProcesses: false },
  thinks: { internet: true, unix: false, ipc: false, ownProcesses: false, onlyThinks: true },
};

test('the filter gives the same answers on both architectures', () => {
  const { open, shut, thinks } = rules;
  for (const [name, machine] of Object.entries(machines)) {
    const ask = (asked: SocketRules, number: number, ...words: number[]) =>
      judge(filterProgram(asked, name), { number, architecture: machine.architecture, words });
    const answers = {
      read: ask(shut, machine.read),
      ptrace: ask(open, machine.ptrace),
      setns: ask(open, machine.setns),
      clone3: ask(open, 435),
      thread: ask(shut, machine.clone, 0x3d0f00),
      namespace: ask(shut, machine.clone, 0x20000011),
      tcp: [ask(open, machine.socket, 2, 1 | 0o2000000), ask(shut, machine.socket, 2, 1)],
      raw: ask(open, machine.socket, 10, 3),
      unix: [ask(open, machine.socket, 1, 1), ask(shut, machine.socket, 1, 1)],
      netlink: [
        ask(open, machine.socket, 16, 3, 0),
        ask(open, machine.socket, 16, 3, 9),
        ask(shut, machine.socket, 16, 3, 0),
      ],
      // The limit of realtime processor time, by which processes are known; another; and only looking at the first.
      limits: [
        ask(open, machine.setrlimit, 15, 0x1000),
        ask(open, machine.setrlimit, 7, 0x1000),
        ask(open, machine.prlimit, 0, 15, 0x1000, 0),
        ask(open, machine.prlimit, 0, 7, 0x1000, 0),
        ask(open, machine.prlimit, 0, 15, 0, 0x1000),
      ],
      shared: [ask(open, machine.shmget), ask(shut, machine.shmget), ask(thinks, machine.shmat)],
      // What only thinks: no program, no process but threads, and no file opened for more than reading.
      thinks: [
        ask(thinks, machine.execve),
        ask(thinks, machine.clone, 0x3d0f00),
        ask(thinks, machine.clone, 0x11),
        ask(thinks, machine.openat, 0, 0, 0o2000000),
        ...[0o1, 0o2, 0o100, 0o1000].map((flags) => ask(thinks, machine.openat, 0, 0, flags)),
        ask(thinks, 437),
        ask(thinks, machine.renameat2),
        ask(thinks, machine.socket, 2, 1),
        ask(open, machine.renameat2),
      ],
      foreign: judge(filterProgram(open, name), { number: 0, architecture: 0x40000003, words: [] }),
    };
    assert.deepEqual(answers, {
      ...{
        read: 'allow',
        ptrace: 'errno 1',
        setns: 'errno 1',
        clone3: 'errno 38',
        thread: 'allow',
        namespace: 'errno 1',
      },
      ...{ tcp: ['allow', 'errno 13'], raw: 'errno 13', unix: ['allow', 'errno 13'] },
      ...{ netlink: ['allow', 'errno 13', 'errno 13'], foreign: 'kill' },
      limits: ['errno 1', 'allow', 'errno 1', 'allow', 'allow'],
      shared: ['allow', 'errno 1', 'errno 1'],
      thinks: [
        ...['errno 1', 'allow', 'errno 1', 'allow', 'errno 13', 'errno 13', 'errno 13', 'errno 13'],
        ...['errno 38', 'errno 1', 'allow', 'allow'],
      ],
    });
  }
});

test('other processes, pairs of sockets, protocols and set-user-id bits are filtered alike on both architectures', () => {
  const { open, shut, thinks } = rules;
  for (const [name, machine] of Object.entries(machines)) {
    const ask = (asked: SocketRules, number: number, ...words: number[]) =>
      judge(filterProgram(asked, name), { number, architecture: machine.architecture, words });
    const answers = {
      // Another process: its limits, looked at and set; its priority, only where it may be one outside.
      others: [
        ask(open, machine.prlimit, 7, 0, 0, 0x1000),
        ask(open, machine.prlimit, 7, 0, 0x1000, 0),
        ask(shut, machine.prlimit, 7, 0, 0x1000, 0),
        ...[open, shut, thinks].map((asked) => ask(asked, machine.setpriority, 0, 7, 19)),
        ask(shut, machine.setpriority, 0, 0, 19),
      ],
      pairs: [
        ...[1, 2, 5].map((type) => ask(shut, machine.socketpair, 1, type | 0o2000000)),
        ...[ask(open, machine.socketpair, 1, 2), ask(open, machine.socketpair, 30, 1)],
      ],
      protocols: [0, 6, 17, 132, 262].map((protocol) => ask(open, machine.socket, 2, 1, protocol)),
      modes: [
        ...[0o755, 0o4755, 0o2755].map((mode) => ask(open, machine.fchmodat, 0, 0, mode)),
        ask(open, machine.openat, 0, 0, 0o101, 0o4755),
        ask(open, machine.openat, 0, 0, 0o101, 0o755),
        ask(open, machine.openat, 0, 0, 0, 0o4755),
        ask(open, 437),
      ],
    };
    assert.deepEqual(answers, {
      others: ['allow', 'allow', 'errno 1', 'allow', 'errno 1', 'errno 1', 'allow'],
      pairs: ['allow', 'errno 13', 'allow', 'allow', 'errno 13'],
      protocols: ['allow', 'allow', 'allow', 'errno 13', 'errno 13'],
      modes: ['allow', 'errno 1', 'allow', 'errno 1', 'allow', 'allow', 'errno 38'],
    });
  }
});

test('of a home folder only installations are opened, never the folder itself or one with much else in it', () => {
  const cases: [string, string][] = [
    ['/home/a/.nvm/versions/node/v22/bin/node', '/home/a/.nvm/versions/node/v22'],
    ['/home/a/.nvm/versions/node/v22/lib/node_modules/npm/bin/npm-cli.js', '/home/a/.nvm/versions/node/v22'],
    ['/home/a/bin/node', '/home/a/bin'],
    ['/home/a/.local/bin/node', '/home/a/.local/bin'],
    ['/home/a/.cargo/bin/cargo', '/home/a/.cargo/bin'],
    ['/home/a/.local/lib/node_modules/pnpm/bin/pnpm.cjs', '/home/a/.local/lib/node_modules/pnpm'],
    ['/home/a/tools/node', '/home/a/tools'],
  ];
  assert.deepEqual(
    cases.map(([program]) => installationOf(program, '/home/a')),
    cases.map(([, expected]) => expected),
  );
});

test('programs on PATH are followed to where they are installed', (context) => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'vtcode-home-')));
  context.after(() => rmSync(home, { recursive: true }));
  for (const path of ['.nvm/versions/node/v22/bin/node', '.volta/bin/volta', '.ssh/id']) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), '');
  }
  mkdirSync(join(home, 'current'));
  symlinkSync(join(home, '.nvm/versions/node/v22/bin/node'), join(home, 'current/node'));
  const found = installedPrograms(`/usr/bin:${home}/current:${home}/.volta/bin:relative:${home}/missing`, home);
  const readable = ['.nvm/versions/node/v22', '.volta', '.volta/bin', 'current'].map((path) => join(home, path));
  assert.deepEqual(
    { ...found, readable: found.readable.sort() },
    { readable, environment: { VOLTA_HOME: join(home, '.volta') } },
  );
});

test('parents are mounted before what lies in them, and nothing readable inside of what is mounted anyway', () => {
  const order = mountOrder([
    { path: '/w/node_modules/.bin', access: 'read' },
    { path: '/usr/lib/x', access: 'write' },
    { path: '/usr', access: 'read' },
    { path: '/usr/lib', access: 'read' },
    { path: '/usr', access: 'read' },
    { path: '/dev/null', access: 'device' },
    { path: '/w', access: 'write' },
    { path: '/w', access: 'read' },
  ]);
  assert.deepEqual(
    order.map(({ path, access }) => `${access} ${path}`),
    ['write /w', 'read /usr', 'read /usr', 'device /dev/null', 'write /usr/lib/x'],
  );
});

test('an old kernel is named for what it cannot do', () => {
  assert.equal(
    summaryOf(7, 'private_loopback', true),
    'landlock abi 7, seccomp, no capabilities, private loopback, private file view',
  );
  assert.equal(
    summaryOf(1, 'no_sockets', false),
    'landlock abi 1, seccomp, no capabilities, no network sockets, no views (old kernel: renames between folders fail, truncating foreign files not stopped, signals to own processes not stopped)',
  );
});

test('the doctor says what is missing and what to do', () => {
  const walls: Walls = {
    ...{
      platform: 'linux',
      architecture: 'x64',
      landlockAbi: 0,
      seccomp: true,
      namespaces: 'none',
      network: 'no_sockets',
      ownProcesses: false,
    },
  };
  assert.match(
    adviceFor(walls).join('\n'),
    /Landlock: missing.*5\.13.*\n.*yes\.\nNamespaces: not allowed.*127\.0\.0\.1.*\nProcesses: no pid namespace/,
  );
  assert.match(adviceFor({ ...walls, platform: 'win32' }).join('\n'), /WSL/);
  const here = diagnoseWalls();
  assert.equal(here.walls.platform, process.platform);
  assert.equal(
    here.ok,
    here.lines.every((line) => !line.includes('cannot be run')),
  );
});
