// Goal: all agents of all runs on one key share its allowance: they hardly ever ask too fast, and none fails of it. How
// much of the allowance they use is shown in virtual time (test/orchestrator/governor/rate-limiter.test.ts).
// Method: three vtcode processes with eight agents each against a server with a token bucket that rejects whoever finds
// it empty, and says in its headers what the vendors say.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { WireFormat } from '../../ipc/model.ts';
import { useChain } from '../support/chain.ts';
import { raising, seenIn, workingReply } from '../support/coder-model.ts';
import { countsRepository, numbersTo } from '../support/counts.ts';
import { type Reply, startModelServer } from '../support/model-server.ts';
import { testVtcode } from '../support/vtcode.ts';

type Allowance = { capacity: number; perSecond: number };
type Said = { limit: number; remaining: number; resetMs: number };

/** The bucket as a vendor keeps it, and what it counted. Times in milliseconds. */
function tokenBucket({ capacity, perSecond }: Allowance) {
  let level = capacity;
  let at = performance.now();
  const takenAt: number[] = [];
  let rejections = 0;
  let scarce: { at: number; level: number } | undefined;
  return {
    /** `throughput`: what was taken of what there was, from when three quarters of the savings were used until `end`. */
    told(end: number) {
      const { at: from, level: left } = scarce ?? { at: end, level: capacity };
      const taken = takenAt.filter((moment) => moment > from && moment <= end).length;
      return {
        taken: takenAt.length,
        rejectedShare: rejections / (takenAt.length + rejections),
        throughput: taken / (left + ((end - from) * perSecond) / 1000),
        scarceMs: Math.round(end - from),
      };
    },
    take(): Said & { rejected: boolean } {
      const now = performance.now();
      level = Math.min(capacity, level + ((now - at) * perSecond) / 1000);
      at = now;
      const rejected = level < 1;
      if (rejected) rejections += 1;
      else {
        level -= 1;
        takenAt.push(now);
      }
      if (level < capacity / 4) scarce ??= { at: now, level };
      const resetMs = Math.ceil(((capacity - level) * 1000) / perSecond);
      return { limit: capacity, remaining: Math.floor(level), resetMs, rejected };
    },
  };
}

/** What a vendor says of a bucket, in its own words. */
const words: Record<'openai-chat' | 'anthropic', (said: Said) => Record<string, string>> = {
  'openai-chat': ({ limit, remaining, resetMs }) => ({
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': resetMs < 1000 ? `${resetMs}ms` : `${resetMs / 1000}s`,
  }),
  // Anthropic tells the moment, to the second.
  anthropic: ({ limit, remaining, resetMs }) => ({
    'anthropic-ratelimit-requests-limit': String(limit),
    'anthropic-ratelimit-requests-remaining': String(remaining),
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + resetMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  }),
};

type Asked = { format: WireFormat & keyof typeof words; runs: number; agents: number; reads: number } & Allowance;

/** Works the runs at once; returns what the bucket says of the time in which three quarters of the agents still asked. */
async function work({ format, runs, agents, reads, ...allowance }: Asked) {
  const bucket = tokenBucket(allowance);
  const handedIn: number[] = [];
  const server = await startModelServer((request): Reply => {
    const { rejected, ...said } = bucket.take();
    const headers = words[format](said);
    const error = { error: { type: 'rate_limit_error', message: 'Rate limit reached for requests' } };
    if (rejected) return { status: 429, headers: { ...headers, 'retry-after': '1' }, body: error };
    if (seenIn(request).results.length > reads) handedIn.push(performance.now());
    return { ...workingReply(request, raising(reads)), headers, headDelayMs: 30 };
  });
  const repository = countsRepository(runs * agents);
  const vtcode = testVtcode();
  const baseUrl = server.baseUrl(format);
  useChain(vtcode, [{ name: 'acme', baseUrl, format }], `[limits]\nagents = ${agents}\nworkspaces = ${agents}\n`);
  try {
    const called = await Promise.all(
      Array.from({ length: runs }, (_, run) => {
        const plan = repository.planFile(numbersTo((run + 1) * agents, run * agents + 1));
        return vtcode.call(['run', '--plan-file', plan, '--yes', '--json', '-C', repository.root]);
      }),
    );
    for (const { code, stderr, stdout } of called) assert.equal(code, 0, `${stderr}${stdout.slice(-2_000)}`);
    return bucket.told(handedIn[Math.floor((runs * agents) / 4)]!);
  } finally {
    await server.stop();
    repository.remove();
    rmSync(join(vtcode.state, '..'), { recursive: true, force: true });
  }
}

function assertPaced(result: Awaited<ReturnType<typeof work>>, calls: number): void {
  assert.equal(result.taken, calls, 'every call was made, and once');
  assert.ok(result.rejectedShare <= 0.02, `${(result.rejectedShare * 100).toFixed(1)} % were rejected`);
  assert.ok(result.scarceMs > 1_000, 'the allowance was what there was least of');
}

describe('a key’s allowance', { concurrency: true }, () => {
  test('is used by 24 agents of three runs, and hardly a call is rejected', async (context) => {
    const result = await work({ format: 'openai-chat', runs: 3, agents: 8, reads: 3, capacity: 30, perSecond: 5 });
    context.diagnostic(JSON.stringify(result));
    assertPaced(result, 24 * 5);
  });

  test('is used by eight agents that are told of it in Anthropic’s words', async (context) => {
    const result = await work({ format: 'anthropic', runs: 1, agents: 8, reads: 6, capacity: 16, perSecond: 3 });
    context.diagnostic(JSON.stringify(result));
    assertPaced(result, 8 * 8);
  });
});
