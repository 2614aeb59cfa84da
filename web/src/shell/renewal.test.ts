import { expect, it, vi } from 'vitest';

vi.mock('./live.svelte', () => ({ live: {} }));
vi.mock('./toasts.svelte', () => ({ toasts: {} }));
vi.mock('./i18n.svelte', () => ({ t: (key: string) => key }));

const { partsOf } = await import('./renewal');

it('knows an app by the parts of its first load, in any order', () => {
  const script = '<script type="module" crossorigin src="/assets/first-A.js"></script>';
  const style = '<link rel="stylesheet" crossorigin href="/assets/first-B.css">';
  const icon = '<link rel="icon" href="/icon.svg">';
  expect(partsOf(icon + script + style)).toBe('/assets/first-A.js /assets/first-B.css');
  expect(partsOf(style + script)).toBe(partsOf(script + style));
  expect(partsOf('<h1>502 Bad Gateway</h1>')).toBe('');
});
