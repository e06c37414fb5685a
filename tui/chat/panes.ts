import { contentOf, type PaneEvents } from '../terminal/pane.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Line } from '../text/text.ts';
import type { ChatParts } from './view.ts';

/**
 * The panes of a conversation, from the bottom up: hint, status, composer, question, rule, menu, runs beside it; what is
 * left is the transcript. Keys go to the composer, or to the menu while there is a list to choose from.
 */
export type ChatPanes = { show(parts: ChatParts): void };
type ChatEvents = { key: NonNullable<PaneEvents['key']>; body: PaneEvents; menu: PaneEvents };

export function openChatPanes(screen: Screen, { key, body: onBody, menu: onMenu }: ChatEvents): ChatPanes {
  const { wheel } = onBody;
  const row = (on: PaneEvents = {}) =>
    screen.pane({ left: 0, right: 0, height: 1 }, { ...(wheel && { wheel }), ...on });
  const [hint, status, composer, question, rule] = [row(), row(), row({ key }), row(), row()];
  const menu = screen.pane({ left: 0, right: 0, height: 1 }, { key, ...onMenu }, { scrolls: 'to a line' });
  const [title, asides, body] = [row(), row(), row(onBody)];
  return {
    show(parts) {
      const stack = [
        [hint, [parts.hint]],
        [status, [parts.status]],
        [composer, parts.composer],
        [question, lineOr(parts.question)],
        [rule, [parts.rule]],
        [menu, parts.menu?.items ?? [], parts.menu?.height],
        [title, lineOr(parts.menu?.title ?? null)],
        [asides, parts.asides],
        [body, parts.body],
      ] as const;
      let bottom = 0;
      for (const [pane, lines, height = lines.length] of stack) {
        pane.place({ bottom, height });
        pane.show(height > 0);
        pane.fill(contentOf(lines));
        bottom += height;
      }
      if (parts.menu) menu.reveal(parts.menu.at);
      (parts.view.list ? menu : composer).focus();
      screen.draw();
    },
  };
}

function lineOr(line: Line | null): readonly Line[] {
  return line ? [line] : [];
}
