// Goal: pages are fetched from granted hosts alone, others are asked for, and nothing of one's own network is.
// Method: addresses of pages, and the gate's verdict on each.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFetch } from '../../security/network/fetch.ts';

const hosts = ['docs.example.org', '*.trusted.dev', '127.0.0.1:8080'];
const verdicts: [verdict: 'allow' | 'ask' | 'deny', urls: string[]][] = [
  [
    'allow',
    [
      'https://docs.example.org/a?b=c',
      'http://DOCS.example.org.',
      'https://a.b.trusted.dev/',
      'http://127.0.0.1:8080/x',
    ],
  ],
  ['ask', ['https://example.org', 'https://trusted.dev', 'https://docs.example.org:8443/', 'http://93.184.216.34/']],
  [
    'deny',
    [
      ...['file:///etc/passwd', 'ftp://docs.example.org', 'https://me:pw@docs.example.org/', 'nonsense', 'http://'],
      ...['http://localhost:3000', 'http://127.0.0.1/', 'http://2130706433/', 'http://0x7f.1/', 'http://[::1]/'],
      ...[
        'http://10.0.0.1/',
        'http://192.168.1.1/',
        'http://169.254.169.254/latest/meta-data/',
        'http://router.local/',
      ],
      ...['http://metadata.google.internal/', 'http://[fd00::1]/', 'http://[::ffff:127.0.0.1]/', 'http://intranet/'],
      ...['http://127.0.0.1:8081/', 'http://0.0.0.0/', 'http://100.64.0.1/'],
    ],
  ],
];

for (const [verdict, urls] of verdicts)
  for (const url of urls) test(`${url}: ${verdict}`, () => assert.equal(judgeFetch(url, hosts).verdict, verdict));
