/** The running commands of the agents of one host, so that the end of an agent ends its commands. */
export type RunningCommands = {
  /** A signal for one command of an agent: it aborts with the host, or with `cancel`. Call `done` when the command ends. */
  begin(agent: string): { signal: AbortSignal; done(): void };
  /** Ends the running commands of an agent. */
  cancel(agent: string): void;
};

/** `host`: aborted when the host stops. */
export function runningCommands(host: AbortSignal): RunningCommands {
  const underWay = new Map<string, Set<AbortController>>();
  return {
    begin(agent) {
      const own = underWay.get(agent) ?? new Set();
      underWay.set(agent, own);
      const cancelled = new AbortController();
      own.add(cancelled);
      return { signal: AbortSignal.any([host, cancelled.signal]), done: () => own.delete(cancelled) };
    },
    cancel(agent) {
      for (const controller of underWay.get(agent) ?? []) controller.abort();
    },
  };
}
