/** What we use of blessed: its decoder of keys and mouse events. Its own types describe the widgets. */
declare module 'blessed/lib/program.js' {
  import type { EventEmitter } from 'node:events';

  export type Key = { full: string; name: string | undefined; ctrl: boolean; meta: boolean; sequence: string };
  export type Mouse = { action: string; button: string | undefined; x: number; y: number };
  type Program = {
    on(type: 'keypress', listener: (character: string | undefined, key: Key) => void): void;
    on(type: 'mouse', listener: (mouse: Mouse) => void): void;
    destroy(): void;
  };
  const program: (options: { input: EventEmitter; output: EventEmitter; tput: false; zero: true }) => Program;
  export default program;
}
