/** An agent program that prints without end to both outputs, as fast as it is read, then ends by itself. */
import { parentChannel } from '../../supervisor/parent.ts';

const lines = 40_000;
const channel = parentChannel<{ type: string }>();
channel?.onMessage(() => {
  for (let at = 0; at < lines; at += 1) {
    process.stdout.write(`out ${at} ${'x'.repeat(400)}\n`);
    process.stderr.write(`err ${at} ${'y'.repeat(100)}\n`);
  }
  process.stdout.write('ü'.repeat(20_000));
  process.stderr.write('last words\n');
  channel.close(); // nothing keeps it alive once all has been read
});
channel?.send({ type: 'hello' });
