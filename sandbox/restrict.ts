import { Fault } from '../ipc/fault.ts';
import type { HandsPolicy, WallsReport } from '../ipc/hands-protocol.ts';
import { enforceLandlock, landlockAbi } from './landlock.ts';
import { enterPrivateView } from './mounts.ts';
import { mayMakeNamespaces } from './namespaces.ts';
import { enterPrivateNetwork } from './network.ts';
import { pathRules } from './paths.ts';
import {
  adoptOrphans,
  dropCapabilities,
  keepDescriptors,
  limitResources,
  type ResourceMark,
  refuseNewPrivileges,
} from './privileges.ts';
import { enforceSeccomp } from './seccomp.ts';

export type Enforced = Omit<WallsReport, 'proof'>;

/**
 * Puts the calling process behind the walls of a policy, for good. `readable` are the folders of our own program and
 * runtime, which later `import()`s need. `mark` stays on everything that is started from here on.
 *
 * Must be called on the main thread before anything was done asynchronously: threads that already exist stay outside
 * (the pool behind `fs.promises` among them), threads and processes started later are inside. `proveWalls` checks that.
 * The caller must still call `hideMemory` before it starts any untrusted program.
 * Throws `sandbox_unavailable` when the kernel cannot enforce the least we promise: files and system calls.
 */
export function restrictProcess(policy: HandsPolicy, readable: string[], mark: ResourceMark | null): Enforced {
  const abi = landlockAbi();
  if (abi < 1) throw noLandlock();
  const rules = pathRules(policy, readable);
  const hasRights = mayMakeNamespaces();
  const isPrivate = hasRights && enterPrivateNetwork();
  const view = hasRights ? enterPrivateView(policy, rules) : undefined;
  limitResources(mark);
  adoptOrphans();
  dropCapabilities();
  if (!refuseNewPrivileges()) throw new Fault('sandbox_unavailable', 'the kernel refused NO_NEW_PRIVS');
  keepDescriptors();
  enforceLandlock(view ?? rules, abi);
  // Sockets in the file system and abstract ones: with both walls up, only those of our own commands can be reached.
  // The launcher gave us a namespace of processes if we are the first one of it.
  const ownProcesses = process.pid === 1;
  enforceSeccomp({ internet: isPrivate, unix: isPrivate && view !== undefined, ipc: isPrivate, ownProcesses });
  const network = isPrivate ? 'private_loopback' : 'no_sockets';
  const keeps = view !== undefined || policy.mode === 'read';
  return { summary: summaryOf(abi, network, view !== undefined), landlockAbi: abi, seccomp: true, network, keeps };
}

function noLandlock(): Fault {
  return new Fault(
    'sandbox_unavailable',
    'this kernel has no Landlock (Linux 5.13 or newer, `landlock` in its lsm= list)',
    {
      advice: 'boot a kernel with Landlock, or add `landlock` to the lsm= boot parameter; `vtcode doctor` tells more',
    },
  );
}

/** One line for people: the walls in force, then the limits of this kernel's Landlock. */
export function summaryOf(abi: number, network: WallsReport['network'], hasView: boolean): string {
  const way = { private_loopback: 'private loopback', no_sockets: 'no network sockets', open: 'open network' }[network];
  const missing = [
    ...(abi < 2 ? ['renames between folders fail'] : []),
    ...(abi < 3 ? ['truncating foreign files not stopped'] : []),
    ...(abi < 6 ? ['signals to own processes not stopped'] : []),
  ];
  const lacks = missing.length > 0 ? ` (old kernel: ${missing.join(', ')})` : '';
  return `landlock abi ${abi}, seccomp, no capabilities, ${way}${hasView ? ', private file view' : ', no views'}${lacks}`;
}
