import { describe, expect, test, beforeAll } from 'vitest';
import { i18n } from '../shell/i18n.svelte';
import { sourceText } from './source';

// The words that are not on the first screen.
beforeAll(() => i18n.complete());

describe('where a date comes from', () => {
  test.each([
    ['EXIF:DateTimeOriginal', 'from EXIF DateTimeOriginal', 'the camera (EXIF DateTimeOriginal)'],
    ['QuickTime:CreationDate', null, 'the camera (QuickTime CreationDate)'],
    ['EXIF:GPSTimeStamp', null, 'the satellite clock (EXIF GPSTimeStamp)'],
    ['XMP:CreateDate', null, 'a note in the file (XMP CreateDate)'],
    ['file-name', 'from the file name', 'the file’s name'],
    ['mtime', null, 'the last change of the file'],
    ['oracle', 'from an oracle', 'an oracle'],
    ['oracle', null, 'oracle'],
  ])('%s', (source, source_text, text) => {
    expect(sourceText({ source, source_text })).toBe(text);
  });
});
