/** A video that was left in the middle goes on there when it is come back to, while this page lives. */

/** Nearer to an end than this is not the middle. */
const EDGE_S = 2;
const places = new Map<string, number>();

/** An attachment for the element of the video. */
export function resume(id: string): (video: HTMLVideoElement) => () => void {
  return (video) => {
    const start = () => {
      const at = places.get(id);
      if (at !== undefined && at < video.duration - EDGE_S) video.currentTime = at;
    };
    video.addEventListener('loadedmetadata', start, { once: true });
    return () => {
      // Left before it began: it is still to go on where it was.
      if (Number.isNaN(video.duration)) return;
      const isMiddle = video.currentTime > EDGE_S && video.currentTime < video.duration - EDGE_S;
      if (isMiddle) places.set(id, video.currentTime);
      else places.delete(id);
    };
  };
}
