import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** Modules that a foreground agent's thread may not load. A thread is no wall: docs/security.md tells the limits. */
const forbidden =
  /^(node:)?(fs|child_process|net|tls|dgram|dns|http|http2|https|cluster|inspector|repl|vm|worker_threads|sqlite)(\/.*)?$/;

let confined = false;

/**
 * Takes files, processes, sockets and the environment away from the code that this thread loads from now on.
 * Does nothing in a process's main thread: there a process border does more.
 */
export function confineThread(): void {
  if (isMainThread || confined) return;
  confined = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (forbidden.test(specifier)) throw new Error(`An agent's thread may not load ${specifier}.`);
      return next(specifier, context);
    },
  });
  const refuse = () => {
    throw new Error('Not available to an agent.');
  };
  Object.assign(process, { getBuiltinModule: refuse, binding: refuse, dlopen: refuse, chdir: refuse });
}
