import { type Permit, requirePermit } from '../../security/judge.ts';
import type { ActOf } from '../schedule/due.ts';
import { fetchPage, type Page } from '../web/fetch-page.ts';
import { pageText } from '../web/page-text.ts';
import type { ToolCallAccess } from './access.ts';
import { type Finished, failed } from './answer.ts';

/** How many pages are kept for an agent that asks for one again. */
const pagesMax = 50;

/** Fetches a judged page. The log holds the hosts that were asked; text from the network taints the agent. */
export async function fetchJudged(
  act: ActOf<'tool'>,
  { url, start }: { url: string; start: number },
  permit: Permit,
  hosts: string[],
  context: ToolCallAccess,
): Promise<Finished> {
  requirePermit(permit, { kind: 'fetch', url });
  const page = context.pages.get(url) ?? (await fetched(act, url, hosts, context));
  if (typeof page === 'string') return failed(`${url} could not be fetched: ${page}.`);
  const text = await pageText(page);
  const { status, mediaType, bytes, isCut } = page;
  if (text === undefined) return failed(`${page.url} is ${mediaType}, ${bytes.length} bytes: only text is fetched.`);
  const head = [
    ...(page.url === url ? [] : [`(from ${page.url})`]),
    ...(status >= 400 ? [`(the server answered ${status})`] : []),
  ];
  const most = context.state().created.config.limits.output_kb * 1024;
  const shown = text.slice(start, start + most);
  const left = text.length - start - shown.length;
  const end = [
    ...(left > 0 ? [`[${left} more characters; go on with start ${start + shown.length}]`] : []),
    ...(left <= 0 && isCut ? ['[the page is longer than what is fetched of it]'] : []),
  ];
  const whole = [...head, shown === '' ? '(no text)' : shown, ...end].join('\n');
  return { verdict: 'allowed', rule: permit.rule, result: { text: whole, isError: status >= 400 } };
}

async function fetched(
  act: ActOf<'tool'>,
  url: string,
  hosts: string[],
  context: ToolCallAccess,
): Promise<Page | string> {
  const { agent, call } = act;
  const found = await fetchPage(url, { hosts, signal: context.signal, environment: context.person });
  await context.record(found.used.map((use) => ({ type: 'network.used' as const, agent, call, ...use })));
  if ('reason' in found) return found.reason;
  if (context.pages.size >= pagesMax) context.pages.clear();
  if (found.page.status < 400) context.pages.set(url, found.page);
  return found.page;
}
