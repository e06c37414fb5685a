import type { RateLimits } from '../../ipc/model.ts';

type Allowance = NonNullable<RateLimits['requests']>;
type HeaderReader = { get(name: string): string | null };

/**
 * A key's allowances from a vendor's headers; null when there are none. Understood are OpenAI's and Groq's
 * (`x-ratelimit-remaining-tokens`), Mistral's (`…-tokens-minute`, `…-req-minute`), Anthropic's, Together's
 * (`x-tokenlimit-…`), Fireworks' (`…-tokens-prompt`) and the generic `x-ratelimit-…` and `ratelimit-…`, which count requests.
 */
export function rateLimitsOf(headers: HeaderReader, now: number): RateLimits | null {
  const requests = firstOf(headers, now, requestNames);
  const tokens = firstOf(headers, now, tokenNames);
  return requests === null && tokens === null ? null : { requests, tokens };
}

type Names = (field: 'limit' | 'remaining' | 'reset') => string;
const requestNames: Names[] = [
  (field) => `x-ratelimit-${field}-requests`,
  (field) => `anthropic-ratelimit-requests-${field}`,
  (field) => `x-ratelimit-${field}-requests-minute`,
  (field) => `x-ratelimit-${field}-req-minute`,
  (field) => `x-ratelimit-${field}`,
  (field) => `ratelimit-${field}`,
];
const tokenNames: Names[] = [
  (field) => `x-ratelimit-${field}-tokens`,
  (field) => `anthropic-ratelimit-tokens-${field}`,
  (field) => `anthropic-ratelimit-input-tokens-${field}`,
  (field) => `anthropic-ratelimit-output-tokens-${field}`,
  (field) => `x-ratelimit-${field}-tokens-minute`,
  (field) => `x-tokenlimit-${field}`,
  (field) => `x-ratelimit-${field}-tokens-prompt`,
];

function firstOf(headers: HeaderReader, now: number, names: Names[]): Allowance | null {
  for (const name of names) {
    const allowance = {
      limit: numberOf(headers.get(name('limit'))),
      remaining: numberOf(headers.get(name('remaining'))),
      resetMs: millisecondsOf(headers.get(name('reset')), now),
    };
    if (allowance.limit !== null || allowance.remaining !== null) return allowance;
  }
  return null;
}

function numberOf(text: string | null): number | null {
  // `100, 100;w=60` of an early draft: the first is what counts.
  const found = /^\s*(\d+(?:\.\d+)?)/.exec(text ?? '');
  const number = Number(found?.[1] ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}

const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * How long until a moment given as a duration (`6m0s`, `20ms`), as seconds, as a date (RFC 3339 or HTTP), or as seconds
 * or milliseconds since 1970; null when it is none of these. Never negative.
 */
export function millisecondsOf(text: string | null, now: number): number | null {
  const ms = durationOf(text, now);
  return ms !== null && Number.isFinite(ms) ? ms : null;
}

function durationOf(text: string | null, now: number): number | null {
  const given = (text ?? '').trim();
  if (given === '') return null;
  if (/^\d+(\.\d+)?$/.test(given)) {
    const value = Number(given);
    // Seconds since 1970 passed 10⁹ in 2001; no vendor asks to wait for 30 years.
    if (value > 1e12) return Math.max(0, value - now);
    if (value > 1e9) return Math.max(0, value * 1000 + (given.includes('.') ? 0 : secondMs) - now);
    return Math.ceil(value * 1000);
  }
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(given)) {
    const parts = [...given.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
    return Math.ceil(parts.reduce((sum, [, value, unit]) => sum + Number(value) * (unitsMs[unit ?? ''] ?? 0), 0));
  }
  const moment = Date.parse(given);
  if (Number.isNaN(moment)) return null;
  return Math.max(0, moment + (/:\d\d\.\d/.test(given) ? 0 : secondMs) - now);
}

/** A time given in whole seconds means the end of that second: a call at its beginning would come too early. */
const secondMs = 1_000;

/**
 * How long a vendor asks to wait after a failure: `retry-after-ms`, `retry-after`, what the body says in Google's or
 * OpenAI's way, or when the allowance that is used up is full again. Null: not said.
 */
export function retryAfterOf(headers: HeaderReader, body: string, now: number): number | null {
  const exact = numberOf(headers.get('retry-after-ms'));
  const said = exact ?? millisecondsOf(headers.get('retry-after'), now) ?? retryInWords(body);
  if (said !== null) return said;
  const limits = rateLimitsOf(headers, now);
  const used = [limits?.requests, limits?.tokens].filter((one) => one?.remaining === 0 && one.resetMs !== null);
  return used.length === 0 ? null : Math.max(...used.map((one) => one?.resetMs ?? 0));
}

function retryInWords(body: string): number | null {
  const found =
    /"retryDelay"\s*:\s*"(\d[\d.a-z]*)"/.exec(body) ??
    /(?:try again|retry) in (\d+(?:\.\d+)?(?:ms|s|m)[\dms.]*)/i.exec(body) ??
    /try again after (\d+) seconds?/i.exec(body);
  return found === null ? null : millisecondsOf((found[1] ?? '').replace(/\.$/, ''), 0);
}
