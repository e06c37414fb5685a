import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { confineThread } from '../../agents/confine.ts';
import type { Endpoint, ModelEvent, ModelRequest, Provider, WireFormat } from '../../ipc/model.ts';

/**
 * A program that asks bundled providers for an answer each: `bundled-call.ts <bundle> <main | worker> <calls as JSON>`.
 * In a worker, the thread is confined once the formats are loaded, as an agent's is. Writes what it found as one line.
 */
export type BundledCall = { endpoint: Endpoint; request: ModelRequest };
export type BundledReport = { texts: string[]; loadMs: number; undici: boolean; fetchIsOwn: boolean };

type Bundle = {
  loadFormats(formats: WireFormat[]): Promise<void>;
  openProvider(endpoint: Endpoint, deadlines: object): Promise<Provider>;
};

async function report(bundlePath: string, calls: BundledCall[]): Promise<BundledReport> {
  const bundle = (await import(bundlePath)) as Bundle;
  const began = performance.now();
  await bundle.loadFormats(calls.map(({ endpoint }) => endpoint.format));
  const loadMs = performance.now() - began;
  confineThread();
  const texts: string[] = [];
  for (const { endpoint, request } of calls) texts.push(await textOf(bundle, endpoint, request));
  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
  const undici = moduleLoadList.some((name) => name.includes('internal/deps/undici'));
  // Looking at them loads undici, so this comes last. Ours have neither.
  const fetchIsOwn =
    'getSetCookie' in Headers.prototype && 'clone' in Response.prototype && 'clone' in Request.prototype;
  return { texts, loadMs, undici, fetchIsOwn };
}

async function textOf(bundle: Bundle, endpoint: Endpoint, request: ModelRequest): Promise<string> {
  const deadlines = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 60_000 };
  const provider = await bundle.openProvider(endpoint, deadlines);
  let last: ModelEvent | undefined;
  for await (const event of provider.stream(request, new AbortController().signal)) last = event;
  return last?.type === 'end' ? last.message.text : JSON.stringify(last);
}

const [bundlePath = '', where = '', calls = ''] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
if (!isMainThread) parentPort?.postMessage(await report(bundlePath, JSON.parse(calls)));
else if (where === 'main') process.stdout.write(JSON.stringify(await report(bundlePath, JSON.parse(calls))));
else
  new Worker(new URL(import.meta.url), { workerData: [bundlePath, where, calls], env: {} }).on('message', (found) =>
    process.stdout.write(JSON.stringify(found)),
  );
