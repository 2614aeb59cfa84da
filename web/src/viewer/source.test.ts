import { describe, expect, test } from 'vitest';
import { sourceText } from './source';

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
