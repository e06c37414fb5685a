import type { RunOptions } from '../../ipc/events.ts';
import { Fault } from '../../ipc/fault.ts';

export type PermissionOptions = { ask?: boolean; auto?: boolean; readOnly?: boolean };

/** The permissions that the options ask for, for calls that no rule allows. The sandbox stays. Throws usage for two at once. */
export function permissionsOf({ ask, auto, readOnly }: PermissionOptions): Pick<RunOptions, 'permissions' | 'waits'> {
  if ([ask, auto, readOnly].filter(Boolean).length > 1)
    throw new Fault('usage', 'Only one of --ask, --auto and --read-only can be meant.', {
      advice: 'Leave out the others.',
    });
  if (readOnly) return { permissions: 'read_only' };
  if (auto) return { permissions: 'auto' };
  return ask ? { permissions: 'ask', waits: true } : {};
}
