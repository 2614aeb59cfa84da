/** Clips are played as their file has them: what a person turned is turned by the page. */

/** The style of an element that, turned, fills this box around the middle of its parent. */
export function turnedStyle(width: number, height: number, rotation: number): string {
  const isAcross = rotation % 180 !== 0;
  const [w, h] = isAcross ? [height, width] : [width, height];
  const place = 'position: absolute; inset-block-start: 50%; left: 50%; max-width: none;';
  return `${place} width: ${w}px; height: ${h}px; transform: translate(-50%, -50%) rotate(${rotation}deg);`;
}
