/**
 * Goal: the built bundle, which users run, answers in every wire format as the sources do, in the host's thread and in a
 * confined one. Method: the bundle is built into a folder of its own. All tests of wire formats run once more against it,
 * and a separate process asks through it.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Endpoint, WireFormat } from '../../../ipc/model.ts';
import type { BundledCall, BundledReport } from '../../support/bundled-call.ts';
import { endpointOf, formats, requestOf } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { certificateFor, startHttpProxy, startSocksProxy } from '../../support/proxies.ts';

const ownName = basename(import.meta.filename);
const root = join(import.meta.dirname, '..', '..', '..');
const folder = 'node_modules/.cache/vtcode-formats';
const bundle = join(root, folder, 'open.js');
const program = join(root, 'test/support/bundled-call.ts');

let server: ModelServer;
before(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs', folder, 'open=providers/formats/open.ts'], { cwd: root });
  server = await startModelServer(() => ({ answer: { thinking: 'Hm.', text: ['Grü', 'ße.'] } }));
});
after(() => server.stop());

async function reportOf(
  where: 'main' | 'worker',
  asked: WireFormat[],
  environment: Record<string, string> = {},
  more: Partial<Endpoint> = {},
): Promise<BundledReport> {
  const calls = asked.map(
    (format): BundledCall => ({ endpoint: endpointOf(server, format, more), request: requestOf(format) }),
  );
  const words = [program, bundle, where, JSON.stringify(calls)];
  // Nothing of the tests' own environment decides what an SDK does.
  const env = { ANTHROPIC_BASE_URL: 'http://x.invalid', ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, words, { env });
  return JSON.parse(stdout) as BundledReport;
}

test('every test of a wire format holds for the bundle', { timeout: 600_000 }, async () => {
  const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== ownName);
  assert.ok(tests.length >= 4, `${tests.length} files`);
  const { NODE_TEST_CONTEXT: _ours, ...environment } = process.env;
  const words = ['--test', '--test-timeout=180000', '--test-isolation=none', '--test-reporter=tap', ...tests];
  const ran = await promisify(execFile)(process.execPath, words, {
    cwd: import.meta.dirname,
    env: { ...environment, VTCODE_TEST_PROVIDERS: bundle },
    maxBuffer: 64 * 1024 ** 2,
  }).catch((error: Error & { stdout: string }) => error);
  const failed = ran.stdout.split(/^(?=# Subtest)/m).filter((part) => /^\s*not ok/m.test(part));
  assert.deepEqual(failed, []);
  assert.ok(Number(/^# pass (\d+)$/m.exec(ran.stdout)?.[1]) > 100, ran.stdout.slice(-2_000));
});

for (const where of ['main', 'worker'] as const)
  test(`every format answers from the bundle in a ${where} thread`, async () => {
    const { texts } = await reportOf(where, formats);
    assert.deepEqual(
      texts,
      formats.map(() => 'Grüße.'),
    );
  });

test('an error is read from the bundle as from the sources', async () => {
  server.answerWith(() => ({
    status: 429,
    headers: { 'retry-after': '2' },
    body: { error: { message: 'Slow down.' } },
  }));
  const { texts } = await reportOf('worker', formats);
  for (const text of texts) {
    assert.match(text, /"kind":"rate_limited"/);
    assert.match(text, /answered 429: Slow down\.","status":429,"retryAfterMs":2000/);
  }
});

test("https works in a confined thread, and an authority of one's own is named by NODE_EXTRA_CA_CERTS", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vtcode-tls-'));
  const [own, cert] = [certificateFor('localhost'), join(folder, 'cert.pem')];
  writeFileSync(cert, own.cert);
  const plain = server;
  server = await startModelServer(() => ({ answer: { text: 'Sealed.' } }), own);
  const proxies = [
    await startHttpProxy(Number(new URL(server.url).port)),
    await startSocksProxy(Number(new URL(server.url).port)),
  ];
  try {
    const sealed = formats.map(() => 'Sealed.');
    assert.deepEqual((await reportOf('worker', formats, { NODE_EXTRA_CA_CERTS: cert })).texts, sealed);
    for (const [at, scheme] of ['http', 'socks5'].entries()) {
      const way = { proxy: `${scheme}://${proxies[at]?.at}`, tls: { ca: own.cert } };
      assert.deepEqual((await reportOf('worker', formats, {}, way)).texts, sealed, scheme);
      assert.ok((proxies[at]?.asked.length ?? 0) > 0, scheme);
    }
    const unknown = await reportOf('worker', formats);
    for (const text of unknown.texts)
      assert.match(text, /DEPTH_ZERO_SELF_SIGNED_CERT\): NODE_EXTRA_CA_CERTS, or ca_file/);
  } finally {
    await Promise.all([server, ...proxies].map((one) => one.stop()));
    server = plain;
    rmSync(folder, { recursive: true });
  }
});

/** Files that a program of the bundle loads at once, and those that it may load later. */
function closure(file: string, form: RegExp, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(root, folder, file), 'utf8');
  for (const match of text.matchAll(form)) closure(match[1] ?? '', form, found);
  return found;
}
const atOnce = /(?:from|import)"\.\/([\w-]+\.js)"/g;
const ever = /"\.\/([\w-]+\.js)"/g;

test('no SDK is loaded before its format is used', () => {
  const bytes = (files: Set<string>) =>
    [...files].reduce((sum, file) => sum + statSync(join(root, folder, file)).size, 0);
  const start = bytes(closure('open.js', atOnce));
  assert.ok(start < 4_000, `${start} bytes are loaded with the door`);
  const whole = bytes(closure('open.js', ever));
  assert.ok(whole > 500_000, `${whole} bytes in all`);
});
