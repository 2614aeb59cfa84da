/** The pages behind the addresses. Each is a chunk of its own, but for the photos, which are what people come for. */

import type { Component } from 'svelte';
import type { PageName, Route } from './routes';

type Page = Component<{ route: Route }>;
export type PageLoader = () => Promise<{ default: Page }>;

const shelf: PageLoader = () => import('../pages/ShelfPage.svelte');
const tag: PageLoader = () => import('../browse/TagPage.svelte');

/** A page that has one address only and so takes nothing from it. */
const plain = (load: () => Promise<{ default: Component<Record<string, never>> }>) =>
  load as unknown as PageLoader;

export const PAGES: Partial<Record<PageName, PageLoader>> = {
  home: plain(() => import('../pages/HomePage.svelte')),
  favourites: shelf,
  recent: shelf,
  onthisday: shelf,
  hidden: shelf,
  trash: () => import('../pages/TrashPage.svelte'),
  journal: plain(() => import('../pages/JournalPage.svelte')),
  albums: plain(() => import('../albums/AlbumsPage.svelte')),
  album: () => import('../albums/AlbumPage.svelte'),
  tags: plain(() => import('../browse/TagsPage.svelte')),
  tag,
  folders: plain(() => import('../browse/FoldersPage.svelte')),
  folder: tag,
  add: plain(() => import('../upload/AddPage.svelte')),
  settings: plain(() => import('../settings/SettingsPage.svelte')),
  sync: plain(() => import('../pages/SyncPage.svelte')),
  report: () => import('../pages/ReportPage.svelte'),
  status: plain(() => import('../pages/HealthPage.svelte')),
  about: plain(() => import('../pages/AboutPage.svelte')),
};
