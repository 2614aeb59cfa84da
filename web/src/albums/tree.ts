/** Albums in albums: the flat list of the server as a tree. */

import type { Album } from '../api/browse';

/** The albums directly inside the given one (null: at the top), in a person's order. */
export function childrenOf(albums: readonly Album[], parent: string | null): Album[] {
  const known = new Set(albums.map((album) => album.id));
  return (
    albums
      // An album whose parent is gone must not be out of reach.
      .filter(
        (album) =>
          (album.parent !== null && known.has(album.parent) ? album.parent : null) === parent,
      )
      .sort((a, b) => a.position - b.position || a.name.localeCompare(b.name))
  );
}

/** The albums around this one, from the outermost in; a circle ends at its second turn. */
export function ancestorsOf(albums: readonly Album[], id: string): Album[] {
  const byId = new Map(albums.map((album) => [album.id, album]));
  const path: Album[] = [];
  let next = byId.get(id)?.parent ?? null;
  while (next !== null && path.length < albums.length) {
    const album = byId.get(next);
    if (!album || path.includes(album)) break;
    path.unshift(album);
    next = album.parent;
  }
  return path;
}

/** Albums that this one may be put into: all but itself and those inside it. */
export function possibleParents(albums: readonly Album[], id: string | null): Album[] {
  if (id === null) return [...albums];
  return albums.filter(
    (album) => album.id !== id && !ancestorsOf(albums, album.id).some((one) => one.id === id),
  );
}
