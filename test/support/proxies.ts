import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Proxies on loopback that lead requests for every host to one port: a name that is in no name server
 * proves that the proxy was used.
 */
export type TestProxy = {
  /** Host and port. */
  at: string;
  /** The hosts that it was asked for, with ports, and how. */
  asked: string[];
  stop(): Promise<void>;
};

/** Refuses with `status` when that is given, or with 407 who does not say `user`, as `name:password`. */
export async function startHttpProxy(
  port: number,
  { user, status, tls }: { user?: string; status?: number; tls?: { key: string; cert: string } } = {},
): Promise<TestProxy> {
  const asked: string[] = [];
  const statusFor = (incoming: IncomingMessage): number => {
    const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
    return status ?? (wanted !== undefined && incoming.headers['proxy-authorization'] !== wanted ? 407 : 200);
  };
  const server = (tls ? createTlsServer(tls) : createServer()) as ReturnType<typeof createServer>;
  server.on('request', (incoming, response) => {
    asked.push(`${incoming.method} ${new URL(incoming.url ?? '').host}`);
    const code = statusFor(incoming);
    if (code !== 200) return void response.writeHead(code).end('no');
    const { pathname: path } = new URL(incoming.url ?? '');
    const { method = 'GET', headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    const code = statusFor(incoming);
    if (code !== 200) return void socket.end(`HTTP/1.1 ${code} No\r\nContent-Length: 0\r\n\r\n`);
    const onward = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    onward.pipe(socket).pipe(onward);
  });
  return started(server, asked);
}

/** SOCKS 5; wants `user`, as `name:password`, when that is given. */
export async function startSocksProxy(port: number, user?: string): Promise<TestProxy> {
  const asked: string[] = [];
  const server = createNetServer((socket) => {
    socket.on('error', () => {});
    let step: 'greeting' | 'user' | 'place' = 'greeting';
    const hear = (bytes: Buffer) => {
      if (step === 'greeting') {
        step = user === undefined ? 'place' : 'user';
        return void socket.write(Buffer.from([5, user === undefined ? 0 : bytes.includes(2, 2) ? 2 : 255]));
      }
      if (step === 'user') {
        const name = bytes.subarray(2, 2 + (bytes[1] ?? 0)).toString();
        step = 'place';
        const isRight = `${name}:${bytes.subarray(3 + name.length).toString()}` === user;
        return void socket.write(Buffer.from([1, isRight ? 0 : 1]));
      }
      socket.off('data', hear);
      asked.push(`SOCKS ${bytes.subarray(5, 5 + (bytes[4] ?? 0)).toString()}:${bytes.readUInt16BE(bytes.length - 2)}`);
      const onward = connect(port, '127.0.0.1', () => {
        socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 80]));
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
    };
    socket.on('data', hear);
  });
  return started(server, asked);
}

async function started(server: Server, asked: string[]): Promise<TestProxy> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    at: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A key and a certificate for `name`, signed by itself, as PEM texts. */
export function certificateFor(name: string): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`, '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  try {
    execFileSync('openssl', ['req', '-x509', '-nodes', ...curve, '-keyout', key, '-out', cert, ...about], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
