/** From a fact to everything that shares it: the searches behind the info panel's links. */

import type { Asset, AssetTag } from '../api/types';
import { formatRoute } from '../shell/routes';

/** A value inside a query: quoted where it needs to be. */
export function quoted(text: string): string {
  return /^[\p{L}\p{N}._-]+$/u.test(text) ? text : `"${text.replaceAll('"', ' ').trim()}"`;
}

export const searchHref = (query: string): string => formatRoute({ page: 'photos', q: query });

/** The tag of this kind whose last name is the given one, whatever its branch. */
function tagOf(asset: Asset, kind: string, name: string): AssetTag | undefined {
  const wanted = name.toLowerCase();
  return asset.tags?.find(
    (tag) => tag.kind.startsWith(kind) && tag.path.at(-1)?.toLowerCase() === wanted,
  );
}

export function keywordHref(asset: Asset, keyword: string): string {
  return searchHref(tagOf(asset, 'keyword', keyword)?.query ?? `keyword:${quoted(keyword)}`);
}

export function personHref(asset: Asset, name: string): string {
  return searchHref(tagOf(asset, 'person', name)?.query ?? `person:${quoted(name)}`);
}

export const cameraHref = (model: string): string => searchHref(`camera:${quoted(model)}`);

export const lensHref = (lens: string): string => searchHref(`lens:${quoted(lens)}`);

export interface NamedLink {
  name: string;
  href: string;
}

/** City, state and country, each with everything taken there. */
export function placeLinks(asset: Asset): NamedLink[] {
  const { place } = asset;
  if (!place) return [];
  const links: NamedLink[] = [];
  const add = (name: string | null, query: string) => {
    if (name && links.at(-1)?.name !== name) {
      links.push({ name, href: searchHref(tagOf(asset, 'where', name)?.query ?? query) });
    }
  };
  add(place.city, `city:${quoted(place.city ?? '')}`);
  add(place.state, `state:${quoted(place.state ?? '')}`);
  add(place.country, `country:${quoted(place.country_code ?? place.country ?? '')}`);
  return links;
}

/** The kinds of tag that the panel shows elsewhere, or that say nothing new. */
const SHOWN_ELSEWHERE = [
  'when',
  'where',
  'camera',
  'lens',
  'keyword',
  'person',
  'people',
  'folder',
];

/** That a photo is a photo is seen. */
const PLAIN_TYPES = ['photo', 'video'];

/** Tags that have no place of their own in the panel: a special type, and whatever comes later. */
export function otherTags(asset: Asset): NamedLink[] {
  return (asset.tags ?? [])
    .filter((tag) => !SHOWN_ELSEWHERE.some((kind) => tag.kind.toLowerCase().startsWith(kind)))
    .filter((tag) => !PLAIN_TYPES.includes(tag.path.at(-1)?.toLowerCase() ?? ''))
    .map((tag) => ({ name: tag.path.slice(1).join(' / '), href: searchHref(tag.query) }));
}

/** The folder's own search, by its path. */
export function folderHref(asset: Asset): string | null {
  const tag = asset.tags?.filter((one) => one.kind.toLowerCase().startsWith('folder')).at(-1);
  return tag ? searchHref(tag.query) : null;
}
