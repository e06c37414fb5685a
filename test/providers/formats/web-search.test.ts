/**
 * Goal: a vendor's own search of the web is asked for in its words; the answer ends with its pages, and the searches are
 * counted. Method: a server on loopback plays documented streams to the real SDKs.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { WireFormat } from '../../../ipc/model.ts';
import { priced } from '../../../orchestrator/governor/price.ts';
import { askForEnd } from '../../support/model-calls.ts';
import { type ModelServer, startModelServer } from '../../support/model-server.ts';
import { data, named } from '../shapes/shape.ts';

let server: ModelServer;
before(async () => {
  server = await startModelServer(() => ({}));
});
after(() => server.stop());

const searchUse = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
const page = { type: 'web_search_result', url: 'https://example.org/b', title: 'Not cited', encrypted_content: 'x' };
const cited = { ...page, url: 'https://example.org/a', title: 'Release\nnotes' };
const citation = { type: 'web_search_result_location', url: cited.url, title: cited.title, cited_text: 'v2' };
/** platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool, streaming */
const claude = (withCitation: boolean, result: unknown = [cited, page]) =>
  named(
    {
      type: 'message_start',
      message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 10 } },
    } as never,
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never,
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'I look it up. ' } } as never,
    { type: 'content_block_start', index: 1, content_block: searchUse } as never,
    {
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: '{"query":"v2"}' },
    } as never,
    {
      type: 'content_block_start',
      index: 2,
      content_block: { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: result },
    } as never,
    { type: 'content_block_start', index: 3, content_block: { type: 'text', text: '' } } as never,
    { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'Version 2 is out.' } } as never,
    ...(withCitation
      ? [{ type: 'content_block_delta', index: 3, delta: { type: 'citations_delta', citation } } as never]
      : []),
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 900, output_tokens: 30, server_tool_use: { web_search_requests: 2 } },
    } as never,
    { type: 'message_stop' },
  );
const message = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [
    {
      type: 'output_text',
      text: 'Version 2 is out.',
      annotations: [
        { type: 'url_citation', url: 'https://example.org/a', title: 'Release notes', start_index: 0, end_index: 9 },
      ],
    },
  ],
};
const searchCall = (id: string, action: object) => ({ type: 'web_search_call', id, status: 'completed', action });
const usage = { input_tokens: 900, output_tokens: 30, total_tokens: 930 };
/** developers.openai.com/api/docs/guides/tools-web-search */
const openai = named(
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: searchCall('ws_1', { type: 'search', query: 'v2' }),
  } as never,
  { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' } as never,
  {
    type: 'response.output_item.done',
    output_index: 0,
    item: searchCall('ws_1', { type: 'search', query: 'v2' }),
  } as never,
  {
    type: 'response.output_item.done',
    output_index: 1,
    item: searchCall('ws_2', { type: 'open_page', url: 'u' }),
  } as never,
  { type: 'response.output_item.added', output_index: 2, item: { ...message, content: [] } } as never,
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 2,
    content_index: 0,
    delta: 'Version 2 is out.',
  } as never,
  { type: 'response.output_item.done', output_index: 2, item: message } as never,
  {
    type: 'response.completed',
    response: { id: 'r', object: 'response', status: 'completed', output: [], usage },
  } as never,
);
/** ai.google.dev/gemini-api/docs/google-search; one of the queries is empty, as seen there. */
const gemini = data(
  { candidates: [{ content: { role: 'model', parts: [{ text: 'Version 2 is out.' }] } }] },
  {
    candidates: [
      {
        content: { role: 'model', parts: [] },
        finishReason: 'STOP',
        groundingMetadata: {
          webSearchQueries: ['', 'v2', 'v2', 'version two'],
          groundingChunks: [{ web: { uri: 'https://example.org/a', title: 'Release notes' } }],
        },
      },
    ],
    usageMetadata: { promptTokenCount: 900, candidatesTokenCount: 30, totalTokenCount: 930 },
  },
);

const searching = (format: WireFormat, raw: string) => {
  server.answerWith(() => ({ headers: { 'content-type': 'text/event-stream' }, body: raw }));
  return askForEnd(server, format, { request: { tools: [], webSearch: true } });
};
const sources = '\n\nSources:\n- Release notes: https://example.org/a';

for (const [format, raw, tool, searches, said] of [
  ['anthropic', claude(true), { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }, 2, 'I look it up. '],
  ['openai-responses', openai, { type: 'web_search' }, 1, ''],
  ['gemini', gemini, { googleSearch: {} }, 2, ''],
] as const)
  test(`${format}: asks for the vendor's search, lists the cited pages, counts the searches`, async () => {
    const end = await searching(format, raw);
    assert.deepEqual(server.requests.at(-1)?.body.tools, [tool]);
    assert.equal(end.message.text, `${said}Version 2 is out.${sources}`);
    assert.deepEqual(end.message.calls, []);
    assert.equal(end.usage.searches, searches);
    assert.equal(end.stop, 'done');
  });

test('pages that no sentence cites are listed where none is cited; a search that failed lists nothing', async () => {
  const found = await searching('anthropic', claude(false));
  assert.match(
    found.message.text,
    /Sources:\n- Release notes: https:\/\/example\.org\/a\n- Not cited: https:\/\/example\.org\/b$/,
  );
  const failed = await searching('anthropic', claude(false, { type: 'web_search_tool_result_error', error_code: 'x' }));
  assert.equal(failed.message.text, 'I look it up. Version 2 is out.');
});

test('searches cost what the vendor bills for each, also where no price of tokens is known', () => {
  const spent = { inputTokens: 1_000_000, outputTokens: 0, usd: 0, searches: 3 };
  assert.equal(priced(spent, { input: 2, output: 8 }, 0.01).usd, 2.03);
  assert.equal(priced(spent, null, 0.01).usd, 0.03);
  assert.equal(priced(spent, { input: 2, output: 8 }).usd, 2);
});
