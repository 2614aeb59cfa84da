/** What is known of an asset as lines for the info panel: plain text, in the person's language. */

import type { Asset, AssetFile } from '../api/types';
import { formatDuration, formatNumber, formatSize } from '../shell/dates';
import { t } from '../shell/i18n.svelte';

/** 0.004 → "1/250 s", 2.5 → "2.5 s". */
export function formatExposure(seconds: number): string {
  if (seconds > 0 && seconds < 0.3) return `1/${formatNumber(Math.round(1 / seconds))} s`;
  return `${formatNumber(seconds, 1)} s`;
}

/** "NIKON CORPORATION" and "NIKON D90" share a word: write the maker only once. */
export function cameraName(make: string | null, model: string | null): string | null {
  if (!make || !model) return model ?? make;
  const maker = make.split(/\s+/)[0]!.toLowerCase();
  return model.toLowerCase().startsWith(maker) ? model : `${make} ${model}`;
}

/** Five digits are a metre: more would promise what no camera knows. */
export function formatPosition(lat: number, lon: number): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

export function exposureText(asset: Asset): string {
  const parts: string[] = [];
  if (asset.exposure_time_s !== null) parts.push(formatExposure(asset.exposure_time_s));
  if (asset.f_number !== null) parts.push(`ƒ/${formatNumber(asset.f_number, 1)}`);
  if (asset.iso !== null) parts.push(`ISO ${asset.iso}`);
  if (asset.focal_length_mm !== null) parts.push(`${formatNumber(asset.focal_length_mm, 1)} mm`);
  return parts.join(' · ');
}

/** "4.8 MB · 4288 × 2848 · image/jpeg" */
export function fileLine(file: AssetFile, durationS: number | null): string {
  const parts = [formatSize(file.size)];
  if (file.width !== null && file.height !== null) parts.push(pixels(file.width, file.height));
  if (file.mime) parts.push(file.mime);
  if (file.shown && durationS !== null) parts.push(formatDuration(durationS));
  return parts.join(' · ');
}

function pixels(width: number, height: number): string {
  return t('info.pixels', { width: String(width), height: String(height) });
}

const BROWSER_FRIENDLY = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
]);

/** Whether the browser can show the original itself: what zooming beyond the preview needs. */
export function isBrowserFriendly(asset: Asset): boolean {
  return BROWSER_FRIENDLY.has(shownMime(asset));
}

/** Only the original of these may move. */
export function mayBeAnimated(asset: Asset): boolean {
  return shownMime(asset) === 'image/gif';
}

function shownMime(asset: Asset): string {
  return asset.files.find((file) => file.shown)?.mime ?? asset.mime ?? '';
}
