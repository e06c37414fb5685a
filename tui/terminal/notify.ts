import type { Notify } from '../../ipc/config.ts';
import { startAside } from '../../supervisor/foreground.ts';
import { flat } from '../text/text.ts';
import type { Screen } from './screen.ts';

/** Tells a person who looks elsewhere, in the ways that they want. */
export function notifyPerson(
  { notify, environment, screen }: { notify: Notify[]; environment: Record<string, string>; screen: Screen | null },
  text: string,
): void {
  const said = flat(text);
  if (notify.includes('bell')) screen?.send('\x07');
  if (notify.includes('osc9')) screen?.send(`\x1b]9;${said}\x07`);
  if (notify.includes('desktop')) startAside(['notify-send', '--', 'vtcode', said], environment);
}
