/**
 * Goal: the stand-ins for the web's classes do what SDKs ask of the real ones.
 * Method: the same steps on both, and the results compared.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as light from '../../../providers/http/light-web.ts';

test('headers are kept, joined, found and listed as Node keeps them', () => {
  const [ours, real] = [light.Headers, Headers].map((Kind) => {
    const headers = new Kind({ 'X-One': '1', b: '2' });
    headers.append('x-one', 'more');
    headers.set('B', '3');
    headers.append('c', '4');
    headers.delete('C');
    const visited: string[] = [];
    headers.forEach((value: string, name: string) => void visited.push(`${name}=${value}`));
    return {
      visited: visited.sort(),
      entries: [...headers.entries()].sort(),
      iterated: [...new Kind([...headers])].sort(),
      copied: [...new Kind(headers as Headers)].sort(),
      keys: [...headers.keys()].sort(),
      values: [...headers.values()].sort(),
      found: [headers.get('X-ONE'), headers.get('c'), headers.has('B'), headers.has('c')],
    };
  });
  assert.deepEqual(ours, real);
});

test('a response made of a text is read in every way', async () => {
  const make = () => new light.Response('{"größe": 1}', { status: 201, headers: [['a', 'b']] });
  assert.deepEqual([make().status, make().ok, make().headers.get('A')], [201, true, 'b']);
  assert.equal(await make().text(), '{"größe": 1}');
  assert.deepEqual(await make().json(), { größe: 1 });
  assert.equal(Buffer.from(await make().arrayBuffer()).toString(), '{"größe": 1}');
  const chunks: Uint8Array[] = [];
  for await (const chunk of make().body ?? []) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), '{"größe": 1}');
  const { done, value } = (await make().body?.getReader().read()) ?? {};
  assert.deepEqual([done, Buffer.from(value ?? '').toString()], [false, '{"größe": 1}']);
});

test('nothing of ours is a form, a request or a web stream', () => {
  const response = new light.Response('');
  for (const Kind of [light.FormData, light.Request, light.ReadableStream]) assert.ok(!(response instanceof Kind));
});
