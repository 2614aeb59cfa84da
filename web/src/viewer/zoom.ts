/** Zooming and panning a picture in a window: arithmetic only. Points count from the window's middle. */

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Scale 1 shows the whole picture; x and y move its middle. */
export interface Zoom extends Point {
  scale: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };

/** The size at which the whole picture is shown: never larger than its own pixels. */
export function fitSize(picture: Size, window: Size): Size {
  const { width, height } = picture;
  if (width <= 0 || height <= 0) return { width: 0, height: 0 };
  const factor = Math.min(window.width / width, window.height / height, 1);
  return { width: width * factor, height: height * factor };
}

/** The scale at which one picture pixel is one screen pixel. */
export function pixelScale(picture: Size, fitted: Size, pixelRatio: number): number {
  return fitted.width > 0 ? picture.width / fitted.width / pixelRatio : 1;
}

/** As far as zooming goes: twice the picture's pixels, and at least three times the whole. */
export function largestScale(picture: Size, fitted: Size, pixelRatio: number): number {
  return Math.max(3, 2 * pixelScale(picture, fitted, pixelRatio));
}

/** Keeps the picture's edges outside the window where it is larger, its middle in the middle where not. */
export function clampZoom(zoom: Zoom, fitted: Size, window: Size, largest: number): Zoom {
  const scale = Math.min(Math.max(1, zoom.scale), largest);
  const clamp = (value: number, picture: number, room: number) => {
    const most = Math.max(0, (picture * scale - room) / 2);
    // "+ 0" turns -0 into 0.
    return Math.min(Math.max(-most, value), most) + 0;
  };
  return {
    scale,
    x: clamp(zoom.x, fitted.width, window.width),
    y: clamp(zoom.y, fitted.height, window.height),
  };
}

/** Zooms so that what is under the point stays under it. */
export function zoomAt(zoom: Zoom, point: Point, scale: number): Zoom {
  const factor = scale / zoom.scale;
  return {
    scale,
    x: point.x - (point.x - zoom.x) * factor,
    y: point.y - (point.y - zoom.y) * factor,
  };
}

/** What a double tap or the Z key does: to the pixels (or at least twice), and back. */
export function toggleScale(zoom: Zoom, picture: Size, fitted: Size, pixelRatio: number): number {
  if (zoom.scale > 1.01) return 1;
  return Math.max(2, pixelScale(picture, fitted, pixelRatio));
}
