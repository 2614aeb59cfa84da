/** The files in what was dropped: folders with all below them, but only what may be a photo or video. */

import type { Given } from './door.svelte';

/** Extensions whose type browsers do not know; what a file really is, the server sees. */
const EXTENSIONS =
  /\.(jpe?g|jpe|jfif|a?png|gif|webp|tiff?|bmp|heic|heif|hif|avif|jxl|jp2|j2k|psd|psb|dng|cr2|cr3|crw|nef|nrw|arw|sr2|srf|raf|orf|rw2|rwl|raw|pef|srw|iiq|3fr|fff|erf|mrw|x3f|kdc|dcr|mos|mef|mp4|m4v|mov|qt|3gp|3g2|mkv|webm|avi|mts|m2ts|ts|mpe?g|vob|wmv|flv|ogv|insv|insp|360)$/i;

export interface Found {
  files: File[];
  /** How many others there were. */
  others: number;
}

export function mayBeMedia(file: Pick<File, 'name' | 'type'>): boolean {
  return /^(image|video)\//.test(file.type) || EXTENSIONS.test(file.name);
}

/** What a person chose by itself is taken as it is: if it is no photo, the server says so. */
export async function filesOf(given: Given): Promise<Found> {
  const found: Found = { files: [], others: 0 };
  for (const one of given) {
    if (one instanceof File) found.files.push(one);
    else if (one.isDirectory) await walk(one as FileSystemDirectoryEntry, found);
    else found.files.push(await fileOf(one as FileSystemFileEntry));
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry, found: Found): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // A hundred at a time, until there are no more.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory) {
        await walk(entry as FileSystemDirectoryEntry, found);
        continue;
      }
      const file = await fileOf(entry as FileSystemFileEntry);
      if (mayBeMedia(file)) found.files.push(file);
      else found.others++;
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
