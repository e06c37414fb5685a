import type { Prices } from '../../ipc/model.ts';
import { loadConfig } from '../../orchestrator/config/config.ts';
import { type ListedModel, listModels, type ModelList } from '../../orchestrator/models/list.ts';
import { askLocalModels } from '../../providers/catalog/probe.ts';
import { tableLines } from '../../tui/text/text.ts';
import type { Outcome, Session } from '../session.ts';

/** `vtcode models`: what can be asked now, what `auto` picks, and why the rest cannot be asked. Asks this machine only. */
export default async function models(session: Session): Promise<Outcome> {
  const { config } = loadConfig(session.place.configFile, null);
  const list = await listModels(session.place.environment, config, askLocalModels);
  session.emit({ auto: list.auto, vendors: list.vendors });
  for (const line of lines(list)) session.say(line);
  return { exitCode: 0 };
}

function lines({ auto, vendors }: ModelList): string[] {
  const usable = vendors.flatMap(({ models }) => models);
  const rows = [
    ['', 'model', 'window', '$ per million in / out', 'key'],
    ...usable.map((model) => row(model, auto.models)),
  ];
  rows.push([mark('embedded', auto.models), 'embedded', '', 'nothing', 'none: mechanical changes, inside vtcode']);
  const idle = vendors.filter(({ usable, models }) => usable && models.length === 0);
  const rest = [...idle, ...vendors.filter(({ usable }) => !usable)].map(({ id, why }) => ['', id, why]);
  const offer = auto.offer === null ? '' : ` To use it: models = ["${auto.offer}"] of a role in your agents.toml.`;
  return [
    ...tableLines(rows),
    ...(rest.length > 0 ? ['', 'not listed, or not usable:', ...tableLines(rest)] : []),
    '',
    `* auto is ${auto.models.join(', ')}: ${auto.why}.${offer}`,
  ];
}

function row({ ref, contextTokens, prices, key }: ListedModel, auto: string[]): string[] {
  return [mark(ref, auto), ref, thousands(contextTokens), priceWords(prices), key ?? 'none'];
}

function mark(ref: string, auto: string[]): string {
  return auto.includes(ref) ? '*' : '';
}

function thousands(tokens: number): string {
  return `${Math.round(tokens / 1000)}k`;
}

function priceWords(prices: Prices | null): string {
  if (prices === null) return 'not known';
  return prices.output === 0 ? 'nothing' : `${prices.input} / ${prices.output}`;
}
