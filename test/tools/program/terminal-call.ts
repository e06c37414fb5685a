/** `node terminal-call.ts <command>`: prints the report of a command at a terminal, by hands that are started for it. */
import { handsAt, place } from './hands-here.ts';

const ends: (() => unknown)[] = [];
const context = { after: (end: () => unknown) => void ends.unshift(end) };
try {
  const hands = await handsAt(
    context as Parameters<typeof handsAt>[0],
    place(context as Parameters<typeof place>[0]).policy,
  );
  const wish = { command: process.argv[2] ?? 'true', directory: '.', timeoutMs: 20_000, terminal: true };
  console.log(JSON.stringify(await hands.run(wish)));
} finally {
  for (const end of ends) await end();
}
