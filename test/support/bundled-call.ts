import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { confineThread } from '../../agents/confine.ts';
import type { Endpoint, ModelEvent, ModelRequest, Provider, WireFormat } from '../../ipc/model.ts';

/**
 * A program that asks bundled providers for an answer each: `bundled-call.ts <bundle> <main | worker> <calls as JSON>`.
 * In a worker, the thread is confined once the formats are loaded, as an agent's is. Writes what it found as one line.
 */
export type BundledCall = { endpoint: Endpoint; request: ModelRequest };
export type BundledReport = { texts: string[] };

type Bundle = {
  loadFormats(formats: WireFormat[]): Promise<void>;
  openProvider(endpoint: Endpoint, deadlines: object): Promise<Provider>;
};

async function report(bundlePath: string, calls: BundledCall[]): Promise<BundledReport> {
  const bundle = (await import(bundlePath)) as Bundle;
  await bundle.loadFormats(calls.map(({ endpoint }) => endpoint.format));
  confineThread();
  const texts: string[] = [];
  for (const { endpoint, request } of calls) texts.push(await textOf(bundle, endpoint, request));
  return { texts };
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
