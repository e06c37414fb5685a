import { Fault } from '../../ipc/fault.ts';
import { requireRun } from '../../orchestrator/runs/find-run.ts';
import { followRun } from '../../orchestrator/runs/follow-run.ts';
import { readRun } from '../../orchestrator/runs/read-run.ts';
import { tellRun } from '../../orchestrator/runs/tell-run.ts';
import { hostWish } from '../../state/desired-host.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Outcome, Session } from '../session.ts';

/** How long a host may take to end after it was asked to at once, in milliseconds. */
const stopMs = 15_000;
/** How long it may let what is under way finish: a little longer than it allows itself. */
const drainMs = 5 * 60_000 + stopMs;

type Wish = 'stop' | 'pause';
const intents = { stop: 'stopped', pause: 'paused' } as const;

/**
 * Asks the host of a run to end, and waits until it has; a run without one is told not to get another. Without `now` model
 * calls and tools that are under way may finish. Answers whether there was anything to end.
 */
export async function endHost(session: Session, run: string, wish: Wish, now: boolean): Promise<boolean> {
  const { state, live } = await readRun(session.place, run);
  const intent = intents[wish];
  const isIdle = (one: RunState) => hostWish(one) !== 'host' || one.created.options.detached !== true;
  if (!live && (isIdle(state) || state.finished)) return false;
  await tellRun(session.place, run, {
    command: wish,
    argument: now ? '' : 'drain',
    by: `vtcode ${wish}`,
    facts: (one) => (isIdle(one) ? [] : [{ type: 'run.intended', intent, by: `vtcode ${wish}` }]),
    // Not host.stopped: a host that ended for another reason, deaf to this, is followed by the next one.
    isTaken: (event) => event.type === 'run.intended' || event.type === 'run.finished',
  });
  const started = performance.now();
  let told = false;
  for await (const look of followRun(session.place, run)) {
    if (!look.live) return true;
    const waitedMs = performance.now() - started;
    if (waitedMs > 2_000 && !told && !now) {
      told = true;
      session.warn(`Waiting for what is under way in ${run} to finish; with --now it is cut off.`);
    }
    if (waitedMs > (now ? stopMs : drainMs))
      throw new Fault('process_failed', `The host of ${run} was told to stop and has not ended.`, {
        advice: `End process ${look.state.hosts.at(-1)?.process ?? 'of the host'}; the run can be resumed in any case.`,
      });
  }
  return true;
}

/** `vtcode stop` and `vtcode pause`. */
export async function endCommand(session: Session, options: object, words: string[], wish: Wish): Promise<Outcome> {
  const run = requireRun(session.place, words[0] ?? '');
  const ended = await endHost(session, run, wish, 'now' in options && options.now === true);
  const { manifest } = await readRun(session.place, run);
  if (!ended) session.say(`No host works on ${run}: it is ${manifest.word}.`);
  else if (manifest.state === 'finished') session.say(`${run} finished meanwhile: ${manifest.outcome}.`);
  else session.say(`${wish === 'stop' ? 'Stopped' : 'Paused'} ${run}. Go on with: vtcode resume ${run}`);
  return { exitCode: 0, run, seq: manifest.events, manifest };
}
