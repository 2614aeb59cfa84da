/**
 * What the server says, in the person's language. It speaks English: reasons, remedies, descriptions of settings
 * and filters. Other languages have a book of its sentences (`phrasebook.ts`), which is not in the first load.
 */

interface Book {
  say(text: string): string;
}

let book: Book | null = null;

/** Takes the book of the person's language, when it is there. */
export function openBook(opened: Book): void {
  book = opened;
}

/** A sentence of the server in the person's language, or as it is. */
export function said(text: string): string {
  return book?.say(text) ?? text;
}
