import { contentOf, type Pane, type PaneEvents } from '../terminal/pane.ts';
import type { Screen } from '../terminal/screen.ts';
import { between, bothFrom, divider, type Parts, treeLine, treeShare } from './view.ts';

/** The panes of the dashboard: which lie where, which has the keys, and how the parts of a picture come into them. */
export type DashboardPanes = {
  /** Widths of the text, for the view. */
  widths(): { width: number; tree: number; detail: number };
  show(parts: Parts): void;
  scrollDetail(lines: number): void;
};
type DashboardEvents = { key: NonNullable<PaneEvents['key']>; tree: PaneEvents; detail: PaneEvents };

const share = `${treeShare * 100}%`;
/** More lines than any detail has. */
const toTop = -1_000_000;

export function openPanes(screen: Screen, { key, tree: onTree, detail: onDetail }: DashboardEvents): DashboardPanes {
  const row = (top: number | undefined, bottom?: number) => {
    const where = top === undefined ? { bottom: bottom ?? 0 } : { top };
    return screen.pane({ ...where, left: 0, right: 0, height: 1 }, { key });
  };
  const [title, head] = [row(0), row(1)];
  const tree = screen.pane({ top: 2, bottom: 3, left: 0 }, { key, ...onTree }, { scrolls: 'to a line' });
  const middle = screen.pane({ top: 1, bottom: 3, left: share, width: between }, {});
  const detail = screen.pane({ top: 1, bottom: 3, right: 0 }, { key, ...onDetail });
  const [totals, alerts, bottom] = [row(undefined, 2), row(undefined, 1), row(undefined, 0)];
  /** Both sides beside each other, or each in the whole width. */
  const place = () => {
    const isBoth = screen.size().width >= bothFrom;
    for (const pane of [head, tree]) pane.place({ width: isBoth ? share : '100%' });
    detail.place({ left: isBoth ? `${share}+${between}` : 0 });
    return isBoth;
  };
  let subject = '';
  return {
    widths() {
      const { width } = screen.size();
      const isBoth = place();
      // Where it stands alone, a space is left at the edge.
      return { width, tree: tree.width, detail: detail.width - (isBoth ? 0 : 1) };
    },
    show(parts) {
      const { view, rows, chosen } = parts;
      const isBoth = place();
      const isDetail = view.pane === 'detail' || view.help;
      for (const pane of [head, tree]) pane.show(isBoth || !isDetail);
      middle.show(isBoth);
      detail.show(isBoth || isDetail);
      for (const [pane, content] of pairs(parts, { title, head, totals, alerts, bottom }))
        pane.fill(contentOf([content]));
      tree.fill({ count: rows.length, line: (index) => treeLine(parts, index) });
      if (chosen) tree.reveal(rows.indexOf(chosen));
      middle.fill({ count: 0, line: () => [divider] });
      detail.fill(contentOf(parts.details));
      // Another subject is read from its beginning, and so is a question, which may not be answered unseen.
      const now = `${view.help} ${view.chosen} ${view.prompt?.kind === 'allow' || view.prompt?.kind === 'deny'}`;
      if (now !== subject) detail.scroll(toTop);
      subject = now;
      const focused = view.prompt ? bottom : isDetail ? detail : tree;
      focused.focus();
      screen.draw();
    },
    scrollDetail: (lines) => detail.scroll(lines),
  };
}

type Rows = Record<'title' | 'head' | 'totals' | 'alerts' | 'bottom', Pane>;

function pairs({ title, tree, totals, alerts, bottom }: Parts, panes: Rows) {
  return [
    [panes.title, title],
    [panes.head, tree.head],
    [panes.totals, totals],
    [panes.alerts, alerts],
    [panes.bottom, bottom],
  ] as const;
}
