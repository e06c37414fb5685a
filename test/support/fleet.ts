import { mkdirSync } from 'node:fs';
import type { EventBody } from '../../ipc/events.ts';
import { newRunId } from '../../ipc/ids.ts';
import { plan } from '../../ipc/plan.ts';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { type Lease, takeLease } from '../../state/lease.ts';
import { runPaths } from '../../state/paths.ts';
import { createRunLog, type RunLog } from '../../state/run-log.ts';

/**
 * A run as a host would write it, without one: real events in a real log under a real lease. What its agents do is drawn
 * from `random`; its clock may be wrong by `clockMs`.
 */
export type SimulatedRun = {
  run: string;
  log: RunLog;
  /** Writes the next `count` events, or fewer. Nothing while it has no host. */
  step(count: number): number;
  write(...bodies: EventBody[]): void;
  /** The lease is gone and nothing was said of it, as after a kill. */
  crash(): void;
  startHost(): void;
  isLive(): boolean;
  clockMs: number;
  close(): void;
};

export type Simulation = {
  agents: number;
  random: () => number;
  root?: string;
  goal?: string;
  says?: string;
  detached?: boolean;
};

export function simulateRun(state: string, wanted: Simulation): SimulatedRun {
  const run = newRunId();
  const paths = runPaths(state, run);
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const log = createRunLog(paths.log, run);
  log.own();
  let lease: Lease | null = null;
  let epoch = 0;
  const simulated: SimulatedRun = {
    run,
    log,
    clockMs: 0,
    isLive: () => lease !== null,
    write(...bodies) {
      if (bodies.length === 0) return;
      log.append(bodies, { at: new Date(Date.now() + simulated.clockMs).toISOString(), durable: false });
    },
    startHost() {
      lease = takeLease(paths.lease);
      if (lease === null) throw new Error(`${run} has a host`);
      epoch += 1;
      const family = `${epoch}`.padStart(32, 'f');
      simulated.write({ type: 'host.started', epoch, process: '0', family, program: 'vtcode simulated' });
      for (const agent of agents) agent.phase = 'down';
    },
    crash() {
      lease?.release();
      lease = null;
    },
    step(count) {
      if (lease === null) return 0;
      const bodies: EventBody[] = [];
      while (bodies.length < count) {
        const agent = agents[Math.floor(wanted.random() * agents.length)];
        if (agent) bodies.push(next(agent, wanted));
      }
      simulated.write(...bodies);
      return bodies.length;
    },
    close() {
      simulated.crash();
      log.close();
    },
  };
  const agents = begin(simulated, wanted);
  simulated.startHost();
  return simulated;
}

type SimulatedAgent = { name: string; life: number; call: number; tool: number; phase: string };

/** What comes before work: a plan with a task for each agent, accepted. */
function begin(
  simulated: SimulatedRun,
  { agents, root = '/work/sample', goal = 'a simulated goal', detached = false }: Simulation,
) {
  const { config } = loadConfig('/nowhere', null);
  config.limits.restarts = 1_000_000;
  const names = Array.from({ length: agents }, (_, at) => `task-${at + 1}`);
  const tasks = names.map((id, at) => ({
    ...{ id, title: `change part ${at + 1}`, prompt: 'Change it.', scope: ['**'] },
    after: at % 4 === 3 ? [names[at - 1] ?? ''] : [],
  }));
  const proposed = plan.parse({ goal, tasks });
  const commit = 'c'.repeat(40);
  simulated.write(
    {
      type: 'run.created',
      goal,
      repository: { root, gitDir: `${root}/.git`, branch: 'main', head: commit, notes: [] },
      options: {
        ...{ mode: 'plan', accept: 'yes', dryRun: false, checks: 'none', acceptUnplaced: false, includeDirty: false },
        detached,
      },
      config,
      program: 'vtcode simulated',
      identity: { name: 'a', email: 'a@b', fallback: false },
    },
    { type: 'repository.ready', base: commit, treeMb: 1, warnings: [] },
    { type: 'plan.proposed', plan: proposed },
    { type: 'plan.accepted', by: 'test', dropChecks: [] },
    ...names.map((task): EventBody => ({ type: 'workspace.assigned', task, tree: task, commit })),
  );
  return names.map((name): SimulatedAgent => ({ name, life: 0, call: 0, tool: 0, phase: 'down' }));
}

/** What an agent does next. */
function next(agent: SimulatedAgent, { random, says = 'I look at the file next.' }: Simulation): EventBody {
  const { name } = agent;
  const call = `${name}-${agent.tool}`;
  if (agent.phase !== 'down' && random() < 0.01) {
    agent.phase = 'down';
    return { type: 'agent.crashed', agent: name, life: agent.life, reason: 'it was killed' };
  }
  switch (agent.phase) {
    case 'down':
      agent.life += 1;
      agent.phase = 'idle';
      return { type: 'agent.started', agent: name, role: 'coder', life: agent.life, model: 'acme/big' };
    case 'idle':
      agent.call += 1;
      agent.phase = 'thinking';
      return { type: 'model.granted', agent: name, call: agent.call, model: 'acme/big' };
    case 'thinking': {
      const usage = { inputTokens: 1_000 + agent.call, outputTokens: 50, usd: 0.001 };
      agent.phase = random() < 0.05 ? 'idle' : 'asked';
      if (agent.phase === 'idle')
        return {
          type: 'model.failed',
          agent: name,
          call: agent.call,
          reason: '429',
          retryable: true,
          kind: 'rate_limited',
        };
      const calls = [{ id: `${name}-${agent.tool + 1}`, name: 'read_file', arguments: { path: 'a.ts' } }];
      const message = { role: 'assistant' as const, text: says, calls, from: 'acme/big' };
      return { type: 'model.finished', agent: name, call: agent.call, message, usage };
    }
    case 'asked':
      agent.tool += 1;
      agent.phase = 'requested';
      return {
        ...{ type: 'tool.requested', agent: name, call: `${name}-${agent.tool}`, name: 'read_file' },
        arguments: { path: 'a.ts' },
      };
    case 'requested':
      agent.phase = 'started';
      return { type: 'tool.started', agent: name, call, rule: 'it only looks' };
    default: {
      agent.phase = 'idle';
      const result = { text: `${says}\n`.repeat(10), isError: false };
      return {
        ...{ type: 'tool.finished', agent: name, call, name: 'read_file', verdict: 'allowed', rule: 'it only looks' },
        result,
      };
    }
  }
}
