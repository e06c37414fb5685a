import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The file that starts `vtcode supervise` after a reboot, so that detached runs go on: a systemd user unit, or a
 * launchd agent. Pure: text and its path.
 */
export type ServiceFile = { path: string; text: string; start: string[][]; stop: string[][]; status: string[] };

/** The program that the service starts: vtcode's launcher, and the variables that say where files lie. */
export type ServicePlace = { launcher: string; home: string; environment: Record<string, string> };

const label = 'vtcode-supervise';
const agentLabel = 'io.github.vtcode.supervise';
/** Where files lie, and how programs are found. Keys are left out: none of our files holds one. */
const passedOn = ['PATH', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME', 'LANG'];

/** The service's file for this kind of system, or null for an unknown one. */
export function serviceFile(platform: NodeJS.Platform, place: ServicePlace): ServiceFile | null {
  if (platform === 'linux') return systemdUnit(place);
  return platform === 'darwin' ? launchAgent(place) : null;
}

/**
 * Restart=on-failure restarts supervise; it ends by itself when it has nothing to do, and detaching a run starts
 * another. KillMode=process: hosts are not children of supervise and keep running when it exits.
 */
function systemdUnit({ launcher, home, environment }: ServicePlace): ServiceFile {
  const configHome = environment.XDG_CONFIG_HOME ?? join(home, '.config');
  const lines = environmentOf(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  const text = [
    '[Unit]',
    'Description=vtcode: keeps detached runs of coding agents alive',
    '',
    '[Service]',
    `ExecStart=${quoted(launcher)} supervise`,
    ...lines,
    'KillMode=process',
    'Restart=on-failure',
    'RestartSec=5',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
  const systemctl = (...words: string[]) => ['systemctl', '--user', ...words];
  return {
    path: join(configHome, 'systemd', 'user', `${label}.service`),
    text,
    start: [systemctl('daemon-reload'), systemctl('enable', '--now', `${label}.service`)],
    stop: [systemctl('disable', `${label}.service`)],
    status: systemctl('is-enabled', `${label}.service`),
  };
}

/** systemd expands % and $ and reads backslashes within quotes. */
function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/%/g, '%%').replace(/\$/g, '$$$$')}"`;
}

/** AbandonProcessGroup: hosts are not children of supervise and keep running when it exits. */
function launchAgent({ launcher, home, environment }: ServicePlace): ServiceFile {
  const path = join(home, 'Library', 'LaunchAgents', `${agentLabel}.plist`);
  const variables = environmentOf(environment).map(
    ([name, value]) => `    <key>${escaped(name)}</key>\n    <string>${escaped(value)}</string>`,
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${agentLabel}</string>
  <key>ProgramArguments</key>
  <array>
    <string>${escaped(launcher)}</string>
    <string>supervise</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join('\n')}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>AbandonProcessGroup</key>
  <true/>
</dict>
</plist>
`;
  return {
    path,
    text,
    start: [['launchctl', 'load', '-w', path]],
    stop: [['launchctl', 'unload', '-w', path]],
    status: ['launchctl', 'list', agentLabel],
  };
}

function environmentOf(environment: Record<string, string>): [string, string][] {
  const home = environment.HOME ?? homedir();
  const found = passedOn.flatMap((name) => (environment[name] ? [[name, environment[name]] as [string, string]] : []));
  return [['HOME', home], ...found];
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
