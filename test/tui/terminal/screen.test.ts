import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf } from '../../../tui/terminal/pane.ts';
import { openScreen } from '../../../tui/terminal/screen.ts';
import { line } from '../../../tui/text/text.ts';
import { emulatedTerminal } from '../../support/emulated-terminal.ts';

/**
 * Goal: blessed gives keys to the pane with the focus and the mouse to the pane beneath it; none of its own bytes reach the
 * terminal. Method: a screen with two panes on an emulated terminal.
 */

async function opened(columns = 20, rows = 6) {
  const told: string[] = [];
  const tell = (word: string) => (what: unknown) => void told.push(`${word} ${String(what)}`);
  const terminal = emulatedTerminal(columns, rows);
  const screen = await openScreen(terminal.terminal, 'colours', {
    ...{ paste: tell('paste'), gone: () => tell('gone')('') },
    ...{ resize: () => tell('resize')(screen.size().width), scrolled: () => tell('scrolled')('') },
  });
  const left = screen.pane({ left: 0, top: 0, bottom: 0, width: '50%' }, { key: tell('left'), click: tell('click') });
  const right = screen.pane({ left: '50%', top: 0, bottom: 1, right: 0 }, { key: tell('right'), wheel: tell('wheel') });
  left.fill(contentOf(Array.from({ length: 30 }, (_, at) => line(`left ${at}`))));
  right.fill(contentOf([line('漢字 right that is cut')]));
  screen.draw();
  const heard = () => told.splice(0);
  return { terminal, screen, left, right, heard };
}

test('panes lie where they are put, and their lines are cut to their cells', async () => {
  const { terminal, screen } = await opened();
  assert.deepEqual(await terminal.lines(), ['left 0    漢字 righ…', 'left 1', 'left 2', 'left 3', 'left 4', 'left 5']);
  terminal.resize(40, 2);
  screen.draw();
  assert.deepEqual(await terminal.lines(), ['left 0              漢字 right that is …', 'left 1']);
  screen.end();
});

test('keys go to the pane with the focus; what is pasted is no key', async () => {
  const { terminal, screen, left, right, heard } = await opened();
  left.focus();
  terminal.send('j\x1b[A\r');
  right.focus();
  terminal.send('é\x03\x1b[200~q\x1b[A\x1b[201~');
  assert.deepEqual(heard(), ['left j', 'left up', 'left return', 'right é', 'right C-c', 'paste q\x1b[A']);
  screen.end();
});

test('the mouse goes to the pane beneath it, and the wheel scrolls a pane as far as its content goes', async () => {
  const { terminal, screen, heard } = await opened();
  terminal.send('\x1b[<0;3;2M\x1b[<0;3;2m\x1b[<65;12;1M\x1b[<64;12;1M');
  assert.deepEqual(heard(), ['click 1', 'wheel 3', 'wheel -3']);
  terminal.send('\x1b[<65;3;2M');
  screen.draw();
  assert.equal((await terminal.lines())[0], 'left 3    漢字 righ…');
  terminal.send('\x1b[<0;3;2M');
  assert.deepEqual(heard(), ['scrolled ', 'click 4']);
  for (let turn = 0; turn < 20; turn += 1) terminal.send('\x1b[<65;3;2M');
  screen.draw();
  assert.equal((await terminal.lines()).at(-1), 'left 29');
  screen.end();
});

test('of blessed no byte reaches the terminal, and it is as before when the screen ends', async () => {
  const { terminal, screen, heard } = await opened();
  const modes = [...terminal.written().matchAll(/\x1b\[\?(\d+)h/g)].map(([, mode]) => mode);
  assert.deepEqual(modes, ['1049', '1000', '1006', '2004', '2026']);
  screen.draw();
  assert.equal(terminal.written(), '', 'nothing has changed');
  terminal.resize(30, 8);
  assert.equal(terminal.written(), '', 'a new size is drawn when the view has made new lines');
  assert.deepEqual(heard(), ['resize 30']);
  const before = process.listenerCount('exit');
  screen.end();
  assert.ok(process.listenerCount('exit') < before);
});
