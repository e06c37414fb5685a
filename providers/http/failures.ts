import type { Endpoint, FailureKind, ModelFailure } from '../../ipc/model.ts';
import { UnknownEncoding } from './decoding.ts';
import { AnswerTooLong } from './event-stream.ts';
import { kindOf } from './failure-words.ts';
import { retryAfterOf } from './rate-limits.ts';
import { type Exchange, NoAnswer } from './transport.ts';
import { ProxyRefusal } from './tunnel.ts';

/** Thrown by a format that knows what went wrong. `reason` follows the vendor's name in a sentence: "refused: …". */
export class CallFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Thrown by a format when the vendor reported an error inside the stream. `said` is the vendor's own error. */
export class SaidFailure extends Error {
  readonly said: unknown;

  constructor(said: unknown) {
    super('the vendor reported an error');
    this.said = said;
  }
}

/** A person reads one line of at most so many characters. */
const reasonMax = 300;

/** The failure of a call that ended with `error`, derived from the recorded exchange. */
export function failureOf(endpoint: Endpoint, exchange: Exchange, error: unknown): ModelFailure {
  const { status, headers, body } = exchange;
  const good = status !== null && status >= 200 && status < 300;
  if (error instanceof CallFailure) return failure(endpoint, error.kind, error.message, { status });
  if (status !== null && (!good || body !== '')) return answered(endpoint, exchange, good);
  const said = saidIn(error);
  if (said !== null) {
    const text = JSON.stringify(said) ?? '';
    const code = statusIn(said);
    const reason = `broke off with an error: ${messageIn(said) ?? text}`;
    const known = { status: code, retryAfterMs: retryAfterOf(headers, text, Date.now()) };
    return failure(endpoint, kindOf(code, text.toLowerCase()), reason, known);
  }
  if (exchange.broken instanceof NoAnswer)
    return failure(endpoint, 'malformed', `answered ${status} with nothing: ${wrongAddress(endpoint)}`, { status });
  if (exchange.broken !== null) return unreachable(endpoint, exchange.broken, exchange);
  if (status === null) return failure(endpoint, 'request', `was not asked: ${messageOf(error)}`);
  return failure(endpoint, 'malformed', `sent what is no answer: ${messageOf(error)}`, { status });
}

type Known = { status?: number | null; retryAfterMs?: number | null };

/** A failure whose reason is one line, names the vendor and holds no key. */
export function failure(endpoint: Endpoint, kind: FailureKind, reason: string, known: Known = {}): ModelFailure {
  const line = withoutKey(endpoint.key, `${endpoint.vendor} ${reason}`.replace(/[\s\p{Cc}]+/gu, ' ').trim());
  const short = line.length <= reasonMax ? line : `${line.slice(0, reasonMax - 1)}…`;
  return { kind, reason: short, status: known.status ?? null, retryAfterMs: known.retryAfterMs ?? null };
}

/** Also in its URL and JSON forms: a server may echo the key in any of them. */
function withoutKey(key: string | null, text: string): string {
  if (key === null || key === '') return text;
  const forms = new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), btoaOf(key)]);
  return [...forms].sort((a, b) => b.length - a.length).reduce((left, form) => left.replaceAll(form, '[key]'), text);
}

function btoaOf(key: string): string {
  return Buffer.from(key).toString('base64');
}

/** The server answered, but with no stream of events. */
function answered(endpoint: Endpoint, exchange: Exchange, good: boolean): ModelFailure {
  const { status, body } = exchange;
  const known = wait(exchange, body);
  const html =
    /^\s*<(!doctype|html|head|body)/i.test(body) || /\bhtml\b/.test(exchange.headers.get('content-type') ?? '');
  if (html && (status ?? 0) < 500 && status !== 429)
    return failure(endpoint, 'no_api', `answered HTML (${status}): ${wrongAddress(endpoint)}`, known);
  if (status === 407) return refusedByProxy(endpoint, new ProxyRefusal('answered 407', status));
  const said = html ? null : jsonOf(body);
  if (good && statusIn(said) === null && messageIn(said) === null)
    return failure(endpoint, 'malformed', `answered without a stream: ${body}`, known);
  const location = exchange.headers.get('location');
  const moved = location === null ? '' : ` and points to ${location}: is base_url right?`;
  const text = html ? '' : (messageIn(said) ?? body);
  const code = good ? statusIn(said) : status;
  const reason = `answered ${status}${moved}${text === '' ? '' : `: ${text}`}`;
  const kind = kindOf(code, body.toLowerCase());
  const passes = kind === 'quota' && code === 429 && endpoint.quirks.quotaPasses;
  return failure(endpoint, passes ? 'rate_limited' : kind, reason, { ...known, status: code });
}

function wrongAddress({ baseUrl }: Endpoint): string {
  return `is base_url right? ${baseUrl}`;
}

function wait(exchange: Exchange, body: string): Known {
  return { status: exchange.status, retryAfterMs: retryAfterOf(exchange.headers, body, Date.now()) };
}

const unreachableAdvice: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host: is base_url right?',
  EAI_AGAIN: 'the name could not be looked up',
  ERR_INVALID_CHAR: 'the key holds a character that no header may hold',
};
const namesAuthority = 'NODE_EXTRA_CA_CERTS, or ca_file in its [providers] table, names the authority';

/** Why a connection cannot work, with the next step; null: another attempt may work. Codes of OpenSSL and Node. */
function wrongConnection(code: string): string | null {
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE/.test(code)) return namesAuthority;
  if (/CERT_(HAS_EXPIRED|NOT_YET_VALID)/.test(code)) return 'its certificate is not valid today: is the clock right?';
  if (/ALTNAME_INVALID|HOSTNAME_MISMATCH/.test(code)) return 'its certificate is for another host: is base_url right?';
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE/.test(code))
    return 'it wants a certificate of yours: client_cert_file and client_key_file in its [providers] table';
  if (/^(EPROTO|ERR_SSL_)/.test(code)) return 'it speaks no https there: is base_url right?';
  if (/^ERR_(OSSL|MISSING_PASSPHRASE|CRYPTO)/.test(code)) return 'client_cert_file and client_key_file do not fit';
  return code.startsWith('HPE_') ? 'it speaks no HTTP there: is base_url right?' : null;
}

function unreachable(endpoint: Endpoint, error: Error, { status, reachedBefore }: Exchange): ModelFailure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error instanceof AnswerTooLong)
    return failure(endpoint, 'malformed', `does not stop: ${error.message}`, { status });
  if (error instanceof UnknownEncoding) return failure(endpoint, 'malformed', messageOf(error), { status });
  if (status !== null && isCompression(code))
    return failure(endpoint, 'malformed', `sent a compressed answer that cannot be read (${code})`, { status });
  if (error instanceof ProxyRefusal) return refusedByProxy(endpoint, error);
  const wrong = wrongConnection(code);
  if (wrong !== null) return failure(endpoint, 'no_api', `cannot be asked at ${hostOf(endpoint)} (${code}): ${wrong}`);
  const what = code === '' ? messageOf(error) : code;
  const advice = unreachableAdvice[code] === undefined ? '' : `: ${unreachableAdvice[code]}`;
  if (code === 'ERR_INVALID_CHAR') return failure(endpoint, 'auth', `was not asked${advice}`);
  if (status !== null) return failure(endpoint, 'network', `broke the answer off (${what})`, { status });
  if (error instanceof TypeError) return failure(endpoint, 'request', `was not asked: ${messageOf(error)}`);
  const by = endpoint.proxy === undefined ? hostOf(endpoint) : `${hostOf(endpoint)} through ${proxyName(endpoint)}`;
  // A name that no server has had from the start is mistyped; later, the network is gone.
  const kind = code === 'ENOTFOUND' && !reachedBefore ? 'no_api' : 'network';
  return failure(endpoint, kind, `cannot be reached at ${by} (${what})${advice}`);
}

/** A proxy with trouble of its own may let the next attempt through; its rules and passwords stay. */
function refusedByProxy(endpoint: Endpoint, { status, message }: ProxyRefusal): ModelFailure {
  const kind = status !== null && status >= 400 && status < 500 ? 'no_api' : 'network';
  const user = status === 407 ? `: ${wantsUser}` : '';
  return failure(endpoint, kind, `cannot be reached: ${proxyName(endpoint)} ${message}${user}`, { status });
}

const wantsUser = 'HTTPS_PROXY takes user and password before its host';

/** Without its user and password. */
function proxyName({ proxy }: Endpoint): string {
  return `the proxy ${proxy === undefined ? '' : new URL(proxy).host}`;
}

/** An answer that was cut off ends in Z_BUF_ERROR: that is a broken connection. */
function isCompression(code: string): boolean {
  return /^(Z_(?!BUF_ERROR)|ZSTD_|ERR__?ERROR|ERR_BROTLI|ERR_ZSTD)/.test(code);
}

/** Host and port, as a person would look for them. */
export function hostOf(endpoint: Endpoint): string {
  if (!URL.canParse(endpoint.baseUrl)) return endpoint.baseUrl;
  const url = new URL(endpoint.baseUrl);
  return url.port === '' ? url.hostname : `${url.hostname}:${url.port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The vendor's error that an SDK wrapped; null when the error is the SDK's own or the network's. */
function saidIn(error: unknown): unknown {
  if (error instanceof SaidFailure) return error.said;
  if (typeof error !== 'object' || error === null) return null;
  // OpenAI's and Anthropic's SDKs keep it as `error`; Google's puts it into the message as JSON.
  if ('error' in error && error.error) return error.error;
  const json = 'status' in error ? /\{.*\}/s.exec(messageOf(error))?.[0] : undefined;
  return json === undefined ? null : jsonOf(json);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The sentence for a person in a vendor's error, from any of the usual places. */
function messageIn(said: unknown): string | null {
  if (typeof said === 'string') return said === '' ? null : said;
  if (Array.isArray(said)) return said.length === 0 ? null : messageIn(said[0]);
  if (typeof said !== 'object' || said === null) return null;
  const fields = said as Record<string, unknown>;
  for (const place of ['error', 'message', 'msg', 'detail', 'errors', 'base_resp', 'status_msg', 'title']) {
    const found = place in said ? messageIn(fields[place]) : null;
    if (found === null) continue;
    // Xiaomi has the sentence here, and two words as its message.
    const { param } = fields;
    return typeof param === 'string' && /\S \S/.test(param) ? `${found}: ${param}` : found;
  }
  return null;
}

/** MiniMax answers 200 with a code of its own (platform.minimax.io/docs/api-reference/errorcode). */
const minimaxCodes: Record<number, number> = {
  1001: 504,
  1002: 429,
  1004: 401,
  1008: 402,
  1026: 451,
  1027: 451,
  1039: 413,
  1041: 429,
  2013: 400,
  2045: 429,
  2049: 401,
  2056: 429,
};

function minimaxStatus(said: unknown): number | null {
  const { status_code: code } = (said ?? {}) as { status_code?: number };
  return code ? (minimaxCodes[code] ?? 500) : null;
}

/** The HTTP status that a vendor wrote into its error; null when there is none. */
function statusIn(said: unknown): number | null {
  if (Array.isArray(said)) return statusIn(said[0]);
  if (typeof said !== 'object' || said === null) return null;
  if ('error' in said && typeof said.error === 'object') return statusIn(said.error);
  if ('base_resp' in said) return minimaxStatus(said.base_resp);
  const codes = ['code', 'status', 'status_code'].map((name) => Number((said as Record<string, unknown>)[name]));
  return codes.find((code) => code >= 400 && code < 600) ?? null;
}
