import type { RunOptions } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';

export type PermissionOptions = { ask?: boolean; auto?: boolean; readOnly?: boolean };

/** What a call says about what no rule allows. None of it takes the walls away. Throws usage when it says two things. */
export function permissionsOf({ ask, auto, readOnly }: PermissionOptions): Pick<RunOptions, 'permissions' | 'waits'> {
  if ([ask, auto, readOnly].filter(Boolean).length > 1)
    throw new Fault('usage', 'Only one of --ask, --auto and --read-only can be meant.', {
      advice: 'Leave out the others.',
    });
  if (readOnly) return { permissions: 'read_only' };
  if (auto) return { permissions: 'auto' };
  return ask ? { permissions: 'ask', waits: true } : {};
}
