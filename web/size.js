/**
 * Fails if the first load of the built app is larger than it may be: what index.html names, compressed.
 * Later chunks do not count. DESIGN 5 sets the limits.
 */

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUILT = new URL('../photostore/static/', import.meta.url);
const LIMITS = { js: 60_000, css: 10_000 };

const page = readFileSync(new URL('index.html', BUILT), 'utf8');
const sizes = { js: 0, css: 0 };
for (const [, name, kind] of page.matchAll(/(?:src|href)="\/([^"]+\.(js|css))"/g)) {
  sizes[kind] += gzipSync(readFileSync(new URL(name, BUILT)), { level: 9 }).length;
}
for (const [kind, limit] of Object.entries(LIMITS)) {
  const size = sizes[kind];
  const isFine = size > 0 && size <= limit;
  process.stdout.write(
    `First load, ${kind}: ${size} of ${limit} bytes${isFine ? '' : ': too much'}\n`,
  );
  if (!isFine) process.exitCode = 1;
}
