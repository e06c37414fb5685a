import * as z from 'zod/mini';

/** Messages that a language server sends without being asked. */
export type Notices = {
  /** Takes a notification in. Never throws. */
  take(method: string, params: unknown): void;
  /** A document was shown in a version: what was told about it before is old. */
  shown(uri: string, version: number): void;
  /** The diagnostics of the document as it is shown now; undefined: none came within the time. */
  published(uri: string, deadlineMs: number): Promise<unknown>;
  /** Once the server has said that it has read the project; at once for one that never says such a thing. False: too late. */
  settled(deadlineMs: number): Promise<boolean>;
  close(): void;
};

const published = z.object({ uri: z.string(), version: z.nullish(z.number()), diagnostics: z.array(z.unknown()) });
const status = z.object({ quiescent: z.boolean() });

export function notices(): Notices {
  const versions = new Map<string, number>();
  const told = new Map<string, unknown>();
  const waiting = new Set<() => void>();
  let quiet: boolean | undefined;
  let closed = false;
  const wake = () => {
    for (const one of waiting) one();
  };
  /** True once the condition holds, false at the deadline or when the server is gone. */
  const until = (holds: () => boolean, deadlineMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const end = () => {
        waiting.delete(look);
        clearTimeout(timer);
        resolve(holds());
      };
      const look = () => {
        if (holds() || closed) end();
      };
      const timer = setTimeout(end, deadlineMs);
      waiting.add(look);
      look();
    });
  return {
    take(method, params) {
      if (method === 'experimental/serverStatus') quiet = status.safeParse(params).data?.quiescent ?? quiet;
      const news = method === 'textDocument/publishDiagnostics' ? published.safeParse(params).data : undefined;
      const isCurrent =
        news !== undefined && (news.version ?? Number.POSITIVE_INFINITY) >= (versions.get(news.uri) ?? 0);
      if (isCurrent) told.set(news.uri, { items: news.diagnostics });
      wake();
    },
    shown(uri, version) {
      versions.set(uri, version);
      told.delete(uri);
    },
    async published(uri, deadlineMs) {
      await until(() => told.has(uri), deadlineMs);
      return told.get(uri);
    },
    settled: (deadlineMs) => until(() => quiet !== false, deadlineMs),
    close() {
      closed = true;
      wake();
    },
  };
}
