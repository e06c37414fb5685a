import type { WireFormat } from '../../ipc/model.ts';
import type { Vendor } from './vendors.ts';

/**
 * A base URL as endpoints carry it, from what a person wrote into a variable or a file: `localhost:8080`,
 * `http://localhost:8080/v1/`. Null when it is no URL of http or https, or when it holds a password or a query.
 */
export function normalBaseUrl(written: string, format: WireFormat, row?: Vendor): string | null {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(written);
  const url = URL.parse(hasScheme ? written : `http://${written}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) return null;
  // An address to listen on is no address to call: OLLAMA_HOST may hold either.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (!hasScheme && url.port === '' && row?.baseUrl) url.port = new URL(row.baseUrl).port;
  const path = url.pathname.replace(/\/+$/, '').replace(versions[format], '');
  return `${url.origin}${path || (row?.basePath ?? '')}`;
}

/** The version that the SDK of a format appends itself. */
const versions: Record<WireFormat, RegExp> = {
  'openai-chat': /(?!)/,
  'openai-responses': /(?!)/,
  anthropic: /\/v1$/,
  gemini: /\/v1beta$/,
};

/** Where the vendor lists its models. */
export function modelsUrl(format: WireFormat, baseUrl: string): string {
  if (format === 'anthropic') return `${baseUrl}/v1/models`;
  return format === 'gemini' ? `${baseUrl}/v1beta/models` : `${baseUrl}/models`;
}

/** Whether requests to this URL can be read on the way: not encrypted, and not on this machine. */
export function isReadableOnTheWay(baseUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === 'http:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}
