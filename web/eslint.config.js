import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['node_modules/', 'dist/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...svelte.configs.recommended,
  { languageOptions: { globals: globals.browser } },
  { files: ['*.js'], languageOptions: { globals: globals.node } },
  {
    files: ['src/offline/worker.js'],
    languageOptions: {
      globals: { ...globals.serviceworker, __FILES__: 'readonly' },
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false }],
      'no-console': 'error',
      // A typed-array index inside its bounds is never undefined; the checker cannot see the bound.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      // The router is the app's own; there is no SvelteKit whose resolve() could be called.
      'svelte/no-navigation-without-resolve': 'off',
      // Caches are plain on purpose: a million entries must not each be a signal.
      'svelte/prefer-svelte-reactivity': 'off',
      // File names and titles come from strangers' files: they are text, never markup.
      'svelte/no-at-html-tags': 'error',
    },
  },
);
