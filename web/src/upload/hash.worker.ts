/** SHA-1 of files, away from the page: a hundred megabytes take a moment. */

addEventListener('message', async ({ data }: MessageEvent<{ id: number; file: File }>) => {
  let sha1: string | null = null;
  try {
    const digest = await crypto.subtle.digest('SHA-1', await data.file.arrayBuffer());
    sha1 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch {
    // A file that cannot be read: sending it says why.
  }
  postMessage({ id: data.id, sha1 });
});
