/** A step of the build: the service worker with the names of the files that it keeps. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const WORKER = new URL('./src/offline/worker.js', import.meta.url);
const PUBLIC = new URL('./public/', import.meta.url);

/** @returns {import('vite').Plugin} */
export function offline() {
  return {
    name: 'photostore-offline',
    apply: 'build',
    // After the page is written: that may leave out a file that only names others.
    enforce: 'post',
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((name) => /^assets\/.*\.(js|css)$/.test(name));
      const files = [...built, ...readdirSync(PUBLIC)].sort().map((name) => `/${name}`);
      const digest = createHash('sha256').update(files.join('\n'));
      // The names of these do not tell their content.
      for (const name of readdirSync(PUBLIC)) digest.update(readFileSync(new URL(name, PUBLIC)));
      const source = readFileSync(WORKER, 'utf8')
        .replace('__FILES__', JSON.stringify(files))
        .replace('__VERSION__', digest.digest('hex').slice(0, 12));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}
