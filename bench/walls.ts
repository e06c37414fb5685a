import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { newFamilyToken } from '../ipc/ids.ts';
import { bundledParts } from './bundled.ts';
import { type Bench, type Figure, median, ratioAtMost } from './figures.ts';

const spawns = 60;
const starts = 5;
const requests = 150;
const bodyBytes = 64 * 1024;

type Parts = Awaited<ReturnType<typeof bundledParts>>;

/** The cost of the walls: a command inside against the same from a small process outside, hands' start, the proxy. */
const walls: Bench = async () => {
  const parts = await bundledParts();
  // Not below /tmp, which is the hands' own.
  const folder = mkdtempSync('/var/tmp/vtcode-bench-');
  try {
    return [...(await commands(parts, folder)), ...(await ways(parts))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function policyIn(folder: string) {
  const [workspace = '', home = '', temporary = '', outputs = ''] = ['w', 'h', 't', 'o'].map((name) => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  });
  const limits = { outputBytesMax: 20_000, fileBytesMax: 1_000_000, memoryBytesMax: 2 ** 31, processesMax: 100 };
  const none = {
    writable: [],
    readable: [],
    hidden: [],
    network: [],
    path: [],
    kept: [],
    pinned: [],
    masked: [],
    refused: [],
    languageServers: {},
  };
  return { ...none, workspace, mode: 'write' as const, home, temporary, outputs, limits };
}

async function commands({ startHands, ownPermit }: Parts, folder: string): Promise<Figure[]> {
  const start = () =>
    startHands({
      policy: policyIn(folder),
      family: newFamilyToken(),
      environment: { PATH: process.env.PATH, HOME: homedir() },
    });
  const started: number[] = [];
  for (let round = 0; round < starts; round += 1) {
    const beganMs = performance.now();
    const hands = await start();
    started.push(performance.now() - beganMs);
    await hands.stop();
  }
  const hands = await start();
  const script = join(policyIn(folder).workspace, 'spawns.mjs');
  copyFileSync(join(import.meta.dirname, 'spawns.mjs'), script);
  const count = `${process.execPath} ${script} ${spawns}`;
  const inside: number[] = [];
  const plain: number[] = [];
  const whole: number[] = [];
  // One small process starts /bin/true again and again, inside and outside in turns, so that both meet the same machine.
  for (let round = 0; round < 5; round += 1) {
    const ran = await hands.run(ownPermit(count, '.'), { command: count, directory: '.', timeoutMs: 60_000 });
    inside.push(Number(ran.tail));
    plain.push(Number(await outputOf(process.execPath, [script, String(spawns)])));
  }
  for (let round = 0; round < spawns; round += 1) {
    const beganMs = performance.now();
    await hands.run(ownPermit('true', '.'), { command: 'true', directory: '.', timeoutMs: 60_000 });
    whole.push(performance.now() - beganMs);
  }
  const printing = await terminalFigures(hands, ownPermit);
  await hands.stop();
  const [value, of] = [median(inside), median(plain)];
  return [
    ratioAtMost(
      { what: 'a program started inside', value, unit: 'ms', ratio: { times: value / of, of: 'plain spawn' } },
      1.3,
    ),
    {
      what: 'a whole command: order, sh, answer',
      value: median(whole),
      unit: 'ms',
      ratio: { times: median(whole) / of, of: 'plain spawn' },
    },
    { what: 'start of hands, to proved walls', value: median(started), unit: 'ms' },
    ...printing,
  ];
}

/** A command at a terminal against the same on a pipe, in turns: one that prints a word, and one that prints 10 MB. */
async function terminalFigures(
  hands: Awaited<ReturnType<Parts['startHands']>>,
  ownPermit: Parts['ownPermit'],
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [command, name, rounds] of [
    ['echo word', 'a word', 30],
    ['yes 0123456789abcde | head -c 10000000', '10 MB', 3],
  ] as const) {
    const times: { pipe: number[]; terminal: number[] } = { pipe: [], terminal: [] };
    for (let round = 0; round < rounds * 2; round += 1) {
      const kind = round % 2 === 0 ? 'pipe' : 'terminal';
      const wish = { command, directory: '.', timeoutMs: 60_000, terminal: kind === 'terminal' };
      const beganMs = performance.now();
      await hands.run(ownPermit(command, '.'), wish);
      times[kind].push(performance.now() - beganMs);
    }
    const [value, of] = [median(times.terminal), median(times.pipe)];
    figures.push({ what: `${name} to a terminal`, value, unit: 'ms', ratio: { times: value / of, of: 'a pipe' } });
  }
  return figures;
}

function outputOf(file: string, words: string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A session of its own, as a command of the hands has one: the scheduler shares out the machine by sessions.
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.on('error', reject).on('close', () => resolve(text));
  return promise;
}

/** One request after another for a small and a larger body, straight and through the proxy. */
async function ways({ startProxy }: Parts): Promise<Figure[]> {
  const listening = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const bodies: Record<string, Buffer> = { '/small': Buffer.from('x'), '/large': Buffer.alloc(bodyBytes) };
  const web = createHttpServer((request, response) =>
    response.end(bodies[new URL(request.url ?? '', 'http://x').pathname]),
  );
  const port = await listening(web);
  const door = createServer();
  const doorPort = await listening(door);
  const proxy = startProxy(door, [`127.0.0.1:${port}`]);
  const figures: Figure[] = [];
  for (const path of ['/small', '/large']) {
    const times: { straight: number[]; proxied: number[] } = { straight: [], proxied: [] };
    for (let round = 0; round < requests; round += 1) {
      times.straight.push(await ask(port, path));
      times.proxied.push(await ask(doorPort, `http://127.0.0.1:${port}${path}`, `127.0.0.1:${port}`));
    }
    const [value, of] = [median(times.proxied), median(times.straight)];
    const what = path === '/small' ? 'a small answer through the proxy' : 'an answer of 64 KiB through the proxy';
    figures.push({ what, value, unit: 'ms', ratio: { times: value / of, of: 'straight' } });
  }
  proxy.close();
  web.close();
  return figures;
}

function ask(port: number, path: string, host?: string): Promise<number> {
  const beganMs = performance.now();
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(performance.now() - beganMs));
    }).on('error', reject);
  });
}

export default walls;
