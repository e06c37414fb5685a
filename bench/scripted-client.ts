import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isOurs } from './processes.ts';
import type { Asked } from './scripted-server.ts';

/** The scripted model server, in its process. */
export type Server = {
  baseUrl: string;
  /** The requests since the last call, oldest first. */
  asked(): Promise<Asked[]>;
  stop(): Promise<void>;
};

/** Starts the server; the caller stops it. */
export async function startServer(): Promise<Server> {
  const child = fork(join(import.meta.dirname, 'scripted-server.ts'), { stdio: 'inherit' });
  isOurs(child.pid);
  const [baseUrl] = (await once(child, 'message')) as [string];
  return {
    baseUrl,
    async asked() {
      child.send('asked');
      const [asked] = (await once(child, 'message')) as [Asked[]];
      return asked;
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
