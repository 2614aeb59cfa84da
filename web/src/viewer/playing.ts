/** The keys of a video: its sound, and steps in it. Playing itself is the space bar's. */

import type { Shortcut } from '../shell/shortcuts.svelte';

const STEP_S = 5;

export function videoShortcuts(current: () => HTMLVideoElement | undefined): Shortcut[] {
  const on = (act: (video: HTMLVideoElement) => void) => () => {
    const video = current();
    if (!video) return false;
    act(video);
    return true;
  };
  const seek = (seconds: number) =>
    on((video) => {
      video.currentTime = Math.max(0, Math.min(video.duration || 0, video.currentTime + seconds));
    });
  return [
    { keys: ['m'], label: 'keys.mute', run: on((video) => (video.muted = !video.muted)) },
    { keys: ['Shift+ArrowRight'], label: 'keys.seekOn', run: seek(STEP_S) },
    { keys: ['Shift+ArrowLeft'], label: 'keys.seekBack', run: seek(-STEP_S) },
  ];
}
