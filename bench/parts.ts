/** The parts of vtcode that are measured without a process around them; bundled like the programs (bench/bundled.ts). */

export { followIn } from '../orchestrator/follow-links.ts';
export { startHands } from '../orchestrator/hands.ts';
export { hostLoop } from '../orchestrator/host.ts';
export { startProxy } from '../sandbox/proxy.ts';
export { judgeCommand } from '../security/command-rules.ts';
export { ownPermit } from '../security/judge.ts';
export { foldAll } from '../state/fold.ts';
export { createRunLog, openRunLog } from '../state/run-log.ts';
export { startInProcess } from '../supervisor/agent-process.ts';
