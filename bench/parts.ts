/** The parts of vtcode that are measured without a process around them; bundled like the programs (bench/bundled.ts). */

export { startHands } from '../orchestrator/hands/hands.ts';
export { hostLoop } from '../orchestrator/host/loop.ts';
export { followIn } from '../orchestrator/worktrees/follow-links.ts';
export { startProxy } from '../sandbox/proxy.ts';
export { ownPermit } from '../security/judge.ts';
export { judgeCommand } from '../security/rules/command-rules.ts';
export { foldAll } from '../state/fold.ts';
export { createRunLog, openRunLog } from '../state/run-log.ts';
export { startInProcess } from '../supervisor/agent-process.ts';
