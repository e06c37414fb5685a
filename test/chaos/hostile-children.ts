import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { listProcesses } from '../../supervisor/process-tree.ts';
import type { Seen } from '../support/processes.ts';

/**
 * Children that want to outlive whoever started them. Each is known by a token, in its arguments or in the name of a file
 * that it holds open, so that it is found without any of the marks that vtcode goes by.
 */
export const hostileKinds = [
  ...(['child', 'session', 'twice', 'deaf', 'wiped', 'renamed', 'stopped', 'pipe', 'hopping', 'murderer'] as const),
] as const;
export type HostileKind = (typeof hostileKinds)[number];

/** Files that a repository needs for `hostileCommand`. */
export const hostileFiles: Record<string, string> = {
  'hostile.sh': `token=$1; stay=$2; shift 2
exec 9>>"$TMPDIR/$token"
fork="$(command -v setsid) --fork"
for kind; do case $kind in
  child) sh -c 'sleep 3600; :' "$token" & ;;
  session) $fork sh -c 'sleep 3600; :' "$token" > /dev/null 2>&1 ;;
  twice) (setsid sh -c '(setsid sh -c "sleep 3600; :" "$0" &); :' "$token" > /dev/null 2>&1 &) ;;
  deaf) sh -c 'trap "" TERM INT HUP QUIT; while :; do sleep 1; done' "$token" > /dev/null 2>&1 & ;;
  wiped) env -i $fork /bin/sh -c '/bin/sleep 3600; :' "$token" > /dev/null 2>&1 9>&- ;;
  renamed) env -i $fork /bin/bash -c 'exec -a "[kworker/1:3]" /bin/sleep 3600' > /dev/null 2>&1 ;;
  stopped) env -i $fork /bin/sh -c 'kill -STOP $$; /bin/sleep 3600' "$token" > /dev/null 2>&1 ;;
  pipe) env -i $fork /bin/sh -c 'while :; do echo still here; /bin/sleep 0.3; done' "$token" ;;
  hopping) env -i $fork /bin/sh hop.sh "$token" > /dev/null 2>&1 ;;
  murderer) env -i $fork /bin/sh -c "/bin/sleep 0.1; kill -9 $$ $PPID; exec /bin/sleep 3600" > /dev/null 2>&1 ;;
esac; done
sleep "$stay"
exit 0
`,
  // A new process every few hundredths of a second, each in a session of its own and an orphan at once.
  'hop.sh': `/bin/sleep 0.05; $(command -v setsid) --fork /bin/sh "$0" "$1"\n`,
};

/** A shell line that leaves such children, stays for some seconds and ends well, if they let it. */
export function hostileCommand(token: string, staySeconds: number, kinds: readonly HostileKind[]): string {
  return `sh hostile.sh ${token} ${staySeconds} ${kinds.join(' ')}`;
}

/** All living processes with the token in their arguments or among their open files. */
export function hostileProcesses(token: string): Seen[] {
  return listProcesses().filter(({ pid, state }) => state !== 'Z' && state !== 'X' && hasToken(pid, token));
}

function hasToken(pid: number, token: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(token)) return pid !== process.pid;
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((name) => linkOf(`${folder}/${name}`).includes(token));
  } catch {
    return false; // it has ended
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
