/** Where a date comes from, in the person's language (SPEC 6.3 names the sources). */

import type { Captured } from '../api/types';
import { t, type Key } from '../shell/i18n.svelte';

const PLAIN: Readonly<Record<string, Key>> = {
  'file-name': 'source.fileName',
  folder: 'source.folder',
  siblings: 'source.siblings',
  mtime: 'source.changed',
  ctime: 'source.changed',
  person: 'source.person',
};

/** By what stands before the colon of "EXIF:DateTimeOriginal". */
const FAMILIES: Readonly<Record<string, Key>> = {
  EXIF: 'source.camera',
  H264: 'source.camera',
  QuickTime: 'source.camera',
  Container: 'source.camera',
  GPS: 'source.satellite',
  XMP: 'source.metadata',
  IPTC: 'source.metadata',
  PNG: 'source.metadata',
  Sidecar: 'source.sidecar',
  Takeout: 'source.takeout',
};

/** What this app cannot name is said in the server's words, or with the machine's name. */
export function sourceText(captured: Pick<Captured, 'source' | 'source_text'>): string {
  const { source } = captured;
  const plain = PLAIN[source];
  if (plain) return t(plain);
  const [family = '', field = ''] = source.split(':', 2);
  const key = field.startsWith('GPS') ? 'source.satellite' : FAMILIES[family];
  if (key) return t(key, { field: `${family} ${field}`.trim() });
  return captured.source_text?.replace(/^from /, '') ?? source;
}
