// Goal: an image that a tool returned reaches each vendor in the way that it takes one. Method: bodies are made and compared.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../../ipc/message.ts';
import type { Endpoint, ModelRequest, WireFormat } from '../../../ipc/model.ts';
import { anthropicBody } from '../../../providers/formats/anthropic-body.ts';
import { geminiContents } from '../../../providers/formats/gemini-body.ts';
import { chatBody } from '../../../providers/formats/openai-chat-body.ts';
import { responsesBody } from '../../../providers/formats/openai-responses-body.ts';

const calls = ['one', 'two'].map((id) => ({ id, name: 'read_file', arguments: { path: id } }));
const result = (callId: string) => ({
  ...{ role: 'tool' as const, callId, name: 'read_file' },
  text: callId,
  isError: false,
});
const image = { mediaType: 'image/png', data: 'aGk=' };
const messages: Message[] = [
  { role: 'user', text: 'Look.' },
  { role: 'assistant', text: '', calls },
  { ...result('one'), images: [image] },
  result('two'),
];
const request: ModelRequest = { model: 'm', system: '', messages, tools: [], outputTokensMax: 1 };
const endpoint = (format: WireFormat): Endpoint => ({
  vendor: 'v',
  format,
  baseUrl: 'http://v',
  key: null,
  quirks: {},
});

test('anthropic takes it inside the result', () => {
  const { content } = anthropicBody(endpoint('anthropic'), request).messages.at(-1)!;
  assert.deepEqual(content, [
    {
      ...{ type: 'tool_result', tool_use_id: 'one' },
      content: [
        { type: 'text', text: 'one' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      ],
    },
    { type: 'tool_result', tool_use_id: 'two', content: 'two' },
  ]);
});

test('openai-responses takes it inside the result', () => {
  assert.deepEqual(
    (
      responsesBody(endpoint('openai-responses'), request, { summary: false, encrypted: false, plainThoughts: false })
        .input as unknown[]
    ).slice(-2),
    [
      {
        ...{ type: 'function_call_output', call_id: 'one' },
        output: [
          { type: 'input_text', text: 'one' },
          { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,aGk=' },
        ],
      },
      { type: 'function_call_output', call_id: 'two', output: 'two' },
    ],
  );
});

test('openai-chat takes it as words of the user behind all results', () => {
  const dialect = { dropped: new Set<string>(), limitField: null, blankThoughts: false, imagesMax: null };
  assert.deepEqual(chatBody(endpoint('openai-chat'), request, dialect).messages.slice(-3), [
    { role: 'tool', tool_call_id: 'one', content: 'one' },
    { role: 'tool', tool_call_id: 'two', content: 'two' },
    {
      role: 'user',
      content: [
        { type: 'text', text: '(images of the result of one)' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
      ],
    },
  ]);
});

test('gemini takes it behind the results of the same turn', () => {
  const { parts = [] } = geminiContents(endpoint('gemini'), request).at(-1)!;
  assert.deepEqual(
    parts.map((part) => Object.keys(part)[0]),
    ['functionResponse', 'functionResponse', 'inlineData'],
  );
  assert.deepEqual(parts.at(-1), { inlineData: { mimeType: 'image/png', data: 'aGk=' } });
});
