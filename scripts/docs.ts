import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawnDocs } from './drawn-docs.ts';

// Writes the pages that are drawn from the code; test/tidy holds them current.
const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const [name, text] of Object.entries(drawnDocs())) writeFileSync(join(root, 'docs', name), text);
