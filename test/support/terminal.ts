import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './processes.ts';
import { temporaryFolder } from './repository.ts';
import { launcher } from './vtcode.ts';

/** Why terminal tests cannot run here, or false. */
export const skip = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

/** A real terminal with a shell in it, kept by tmux. */
export type Terminal = {
  /** What a person sees: its lines, without spaces at their ends. */
  screen(): string;
  /** Every byte that was written to it. */
  raw(): string;
  /** Presses keys by tmux's names. */
  press(...keys: string[]): void;
  /** Types characters as they are. */
  type(text: string): void;
  /** Pastes text; `marked`: as a terminal does that tells what is pasted. */
  paste(text: string, marked: boolean): void;
  resize(width: number, height: number): void;
  /** A variable of tmux's about it, e.g. `alternate_on`. */
  state(name: string): string;
  /** Waits until a pattern is on the screen, for 30 seconds at most. */
  sees(pattern: RegExp): Promise<void>;
};

/** Starts vtcode with these words at a terminal of its own. What the shell says after it ends with `ended <code>`. */
export function startAtTerminal(
  t: { after(end: () => void): void },
  words: string[],
  { environment, width = 120, height = 30 }: { environment: Record<string, string>; width?: number; height?: number },
): Terminal {
  const folder = temporaryFolder('terminal');
  const tmux = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', join(folder, 'socket'), ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  t.after(() => {
    tmux('kill-server');
    rmSync(folder, { recursive: true, force: true });
  });
  const started = tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-x',
    String(width),
    '-y',
    String(height),
    'env',
    '-i',
    'TERM=screen-256color',
    'LC_ALL=C.UTF-8',
    'sh',
  );
  assert.equal(started.status, 0, started.stderr);
  const raw = join(folder, 'raw');
  tmux('pipe-pane', '-o', `cat > '${raw}'`);
  const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
  const call = [launcher, ...words].map((word) => `'${word}'`).join(' ');
  const script = join(folder, 'call.sh');
  writeFileSync(script, `env ${variables.join(' ')} ${call}\necho "ended $?"\n`);
  tmux('send-keys', '-l', `. ${script}`);
  tmux('send-keys', 'Enter');
  const screen = () => tmux('capture-pane', '-p').stdout.replace(/ +$/gm, '');
  return {
    screen,
    raw: () => (existsSync(raw) ? readFileSync(raw, 'utf8') : ''),
    press: (...keys) => void tmux('send-keys', ...keys),
    type: (text) => void tmux('send-keys', '-l', '--', text),
    paste(text, marked) {
      const file = join(folder, 'paste');
      writeFileSync(file, text);
      tmux('load-buffer', file);
      tmux('paste-buffer', ...(marked ? ['-p'] : []));
    },
    resize: (wide, high) => void tmux('resize-window', '-x', String(wide), '-y', String(high)),
    state: (name) => tmux('display-message', '-p', `#{${name}}`).stdout.trim(),
    async sees(pattern) {
      assert.ok(await eventually(() => pattern.test(screen()), 30_000), `${pattern} is not seen:\n${screen()}`);
    },
  };
}

/** The terminal is as it was before: its own buffer, cursor and modes, and what is typed shows. */
export async function isRestored(terminal: Terminal): Promise<void> {
  await terminal.sees(/ended \d+/);
  const state = ['alternate_on', 'cursor_flag', 'mouse_any_flag', 'wrap_flag'].map((name) => terminal.state(name));
  assert.deepEqual(state, ['0', '1', '0', '1']);
  terminal.type('echo typed $((40 + 2))');
  terminal.press('Enter');
  await terminal.sees(/echo typed \$\(\(40 \+ 2\)\)\ntyped 42/);
}
