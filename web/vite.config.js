import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { offline } from './offline.js';

const SERVER = 'http://127.0.0.1:1787';

export default defineConfig({
  plugins: [svelte(), offline()],
  build: {
    // The Python package serves this folder, so that a release needs no Node.
    outDir: '../photostore/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': SERVER, '/ping': SERVER, '/health': SERVER },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
