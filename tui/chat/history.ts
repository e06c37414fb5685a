import { Fault } from '../../ipc/fault.ts';
import { forkConversation } from '../../orchestrator/operations/rewind.ts';
import { conversationsIn } from '../../orchestrator/runs/conversations.ts';
import { age } from '../text/text.ts';
import { type ChatApp, leaveTalk, openTalk, type Talk } from './app.ts';
import { newComposer } from './composer.ts';
import { resumeAsides } from './side-runs.ts';
import { remark } from './transcript.ts';

/** Going back in a conversation, and from one to another. */

/** Goes on with another conversation instead of this one. */
export async function changeTalk(app: ChatApp, run: string): Promise<void> {
  await leaveTalk(app);
  for (const { stop } of app.asides.values()) stop();
  resumeAsides(app, await openTalk(app, run, false));
}

export function listConversations({ options: { place, folder }, talk, view }: ChatApp): ChatApp['view'] {
  const items = conversationsIn(place, folder)
    .filter(({ created }) => created.run !== talk?.run)
    .map(({ created, turns, at }) => ({
      value: created.run,
      text: `${age(Date.now() - Date.parse(at)).padStart(4)} ago  ${turns.length} turns  ${firstLine(turns[0]?.text)}`,
    }));
  if (items.length === 0) throw new Fault('usage', 'There is no other conversation in this folder.');
  return { ...view, list: { name: 'resume', title: 'Go on with', items, at: 0 } };
}

export function listTurns({ view }: ChatApp, talk: Talk): ChatApp['view'] {
  const items = talk.owned
    .state()
    .turns.map(({ text, saved, at }, index) => ({
      value: String(index + 1),
      text: `${String(index + 1).padStart(3)}  ${at.slice(11, 16)}  ${firstLine(text)}${saved?.commit ? '' : '   (without the files)'}`,
    }))
    .reverse();
  if (items.length === 0) throw new Fault('usage', 'Nothing has been said yet.');
  return { ...view, list: { name: 'rewind', title: 'Go back to before', items, at: 0 } };
}

/** Goes on in what was said before a turn, or in a copy of all of it; what was said then is there to be said anew. */
export async function goBack(app: ChatApp, talk: Talk, turn: number | null): Promise<void> {
  await leaveTalk(app);
  try {
    const { run, words, files, filesWhy } = await forkConversation(app.options.place, talk.run, {
      turn,
      withFiles: turn !== null,
    });
    await changeTalk(app, run);
    const { history } = app.view.composer;
    const composer = words === '' ? app.view.composer : { ...newComposer(history), text: words, at: words.length };
    app.view = { ...app.view, composer };
    const brought =
      files.length === 0
        ? 'No file differed.'
        : `Files brought back: ${files.slice(0, 20).join(', ')}${files.length > 20 ? ` and ${files.length - 20} more` : ''}.`;
    const told =
      turn === null ? 'This is a copy.' : filesWhy === '' ? brought : `The files are as they were: ${filesWhy}.`;
    remark(app.transcript, `${told} The conversation before is kept: vtcode rewind ${talk.run} brings its files back.`);
  } catch (error) {
    // The conversation goes on as it was; what became of the files is said.
    await openTalk(app, talk.run, false);
    throw error;
  }
}

function firstLine(text: string | undefined): string {
  return text?.split('\n')[0]?.slice(0, 200) || '(no words)';
}
