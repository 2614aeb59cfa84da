import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { messages } from './messages.js';
import { offline } from './offline.js';

const SERVER = 'http://127.0.0.1:1787';

/**
 * One file for all that the first screen needs, instead of some twenty that share code with later pages: a
 * browser asks for six at a time over HTTP/1.
 */
function nameFirst(id, context) {
  const seen = new Set();
  const isNeeded = (one) => {
    if (seen.has(one)) return false;
    seen.add(one);
    const info = context.getModuleInfo(one);
    return info !== null && (info.isEntry || info.importers.some(isNeeded));
  };
  return isNeeded(id) ? 'first' : null;
}

export default defineConfig({
  plugins: [messages(), svelte(), offline()],
  build: {
    // The Python package serves this folder, so that a release needs no Node.
    outDir: '../photostore/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: nameFirst }] } } },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': SERVER, '/ping': SERVER, '/health': SERVER, '/welcome': SERVER },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
