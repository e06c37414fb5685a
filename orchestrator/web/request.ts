import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { startRequest } from '../../providers/http/connection.ts';
import { proxyFor } from '../../providers/http/proxy-variables.ts';

/** Requests that the host makes itself for an agent: one request, one answer of bounded size. */
export type Variables = Readonly<Record<string, string | undefined>>;

const bytesMax = 5 * 1024 * 1024;

/** The proxy that the person's variables name for a URL; undefined: none. Throws for a variable that names no proxy. */
export function proxyOn(url: string, environment: Variables): string | undefined {
  const found = proxyFor(new URL(url), environment);
  if (found === null) return undefined;
  if (found.proxy === null) throw new Error(`${found.variable} names no proxy that vtcode can speak to`);
  return found.proxy;
}

export type Asked = Pick<RequestOptions, 'lookup' | 'signal' | 'method' | 'headers'> & {
  proxy?: string | undefined;
  body?: string | undefined;
};

/** Makes one request and gives its head; redirects are not followed. Rejects when there is no answer. */
export function ask(url: string, { proxy, body, headers, ...options }: Asked): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked: RequestOptions = {
    ...options,
    headers: {
      ...(headers as Record<string, string> | undefined),
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'vtcode (coding agent; fetches single pages for a person)',
    },
  };
  const request = proxy
    ? startRequest({ proxy }, new URL(url), asked)
    : (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { ...asked, agent: false });
  request.once('response', resolve).once('error', reject).end(body);
  return promise;
}

/** The body, unpacked, at most so many bytes of it: a small answer can unpack to a large one. */
export async function bodyOf(answer: IncomingMessage, signal: AbortSignal): Promise<{ bytes: Buffer; isCut: boolean }> {
  const encoding = answer.headers['content-encoding']?.toLowerCase();
  const unpack =
    encoding === 'br'
      ? createBrotliDecompress()
      : encoding === 'gzip'
        ? createGunzip()
        : encoding === 'deflate'
          ? createInflate()
          : null;
  const body = unpack ? answer.on('error', (error) => unpack.destroy(error)).pipe(unpack) : answer;
  const end = () => answer.destroy(new Error('it was ended'));
  signal.addEventListener('abort', end, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > bytesMax) break;
    }
  } finally {
    signal.removeEventListener('abort', end);
    answer.destroy();
  }
  return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), isCut: size > bytesMax };
}
