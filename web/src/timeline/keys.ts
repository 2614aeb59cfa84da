/** The keys of the grid: walking, choosing, jumping by day, month and year. */

import { Selection } from '../select/selection';
import { i18n } from '../shell/i18n.svelte';
import type { Shortcut } from '../shell/shortcuts.svelte';
import { neighbour, nextPeriod, type Direction, type Period } from './cells';
import { density } from './density.svelte';
import type { GridModel } from './model.svelte';
import { dayIndexOf } from './shape';

export interface GridKeysHost {
  readonly model: GridModel;
  /** The focus is in the grid, or nowhere in particular. */
  isListening(): boolean;
  focus(ordinal: number): void;
  isRightToLeft(): boolean;
}

async function goToDate(host: GridKeysHost): Promise<void> {
  const [{ askDay }] = await Promise.all([import('./going'), i18n.complete()]);
  const ordinal = await askDay(host.model);
  if (ordinal === null) return;
  const { layout } = host.model;
  if (layout) host.model.scrollTo(layout.rowOuterTop(layout.rowOf(ordinal)));
  host.focus(ordinal);
}

export function gridShortcuts(host: GridKeysHost): Shortcut[] {
  const { model } = host;

  /** Wraps what needs a laid-out view and the focus. */
  const run = (act: (layout: NonNullable<GridModel['layout']>) => void) => () => {
    if (!model.layout || model.layout.rowCount === 0 || !host.isListening()) return false;
    act(model.layout);
    return true;
  };

  const walk = (direction: Direction) => (event: KeyboardEvent) =>
    run((layout) => {
      const from = model.active;
      const to = neighbour(layout, from, direction);
      if (event.shiftKey) {
        const { selection } = model;
        model.selection = (selection.isEmpty ? selection.toggle(from) : selection).reach(to);
      }
      host.focus(to);
    })();

  const across = (forward: boolean) => (event: KeyboardEvent) =>
    walk(forward === host.isRightToLeft() ? 'before' : 'after')(event);

  const jump = (period: Period, step: 1 | -1) =>
    run((layout) => {
      const to = nextPeriod(layout, model.active, period, step);
      model.scrollTo(layout.rowOuterTop(layout.rowOf(to)));
      host.focus(to);
    });

  const page = (step: 1 | -1) =>
    run((layout) => {
      const cell = layout.cellOf(model.active);
      if (!cell) return;
      model.scrollTo(model.top + step * model.viewport * 0.85);
      const y = cell.y + step * model.viewport * 0.85;
      host.focus(layout.ordinalAt(cell.x, Math.max(0, y)) ?? model.active);
    });

  const end = (ordinal: (count: number) => number) =>
    run((layout) => host.focus(ordinal(layout.shape.count)));

  return [
    { keys: ['ArrowRight', 'Shift+ArrowRight'], label: 'keys.right', run: across(true) },
    { keys: ['ArrowLeft', 'Shift+ArrowLeft'], label: 'keys.left', run: across(false) },
    { keys: ['ArrowUp', 'Shift+ArrowUp'], label: 'keys.up', run: walk('above') },
    { keys: ['ArrowDown', 'Shift+ArrowDown'], label: 'keys.down', run: walk('below') },
    { keys: ['PageUp'], label: 'keys.pageUp', run: page(-1) },
    { keys: ['PageDown'], label: 'keys.pageDown', run: page(1) },
    { keys: ['Home'], label: 'keys.first', run: end(() => 0) },
    { keys: ['g'], label: 'keys.goToDate', run: run(() => void goToDate(host)) },
    { keys: ['+', '='], label: 'keys.larger', run: run(() => density.change(1)) },
    { keys: ['-'], label: 'keys.smaller', run: run(() => density.change(-1)) },
    { keys: ['End'], label: 'keys.last', run: end((count) => count - 1) },
    { keys: ['d'], label: 'keys.nextDay', run: jump('day', 1) },
    { keys: ['Shift+d'], label: 'keys.previousDay', run: jump('day', -1) },
    { keys: ['m'], label: 'keys.nextMonth', run: jump('month', 1) },
    { keys: ['Shift+m'], label: 'keys.previousMonth', run: jump('month', -1) },
    { keys: ['y'], label: 'keys.nextYear', run: jump('year', 1) },
    { keys: ['Shift+y'], label: 'keys.previousYear', run: jump('year', -1) },
    {
      keys: ['x'],
      label: 'keys.choose',
      run: run(() => (model.selection = model.selection.toggle(model.active))),
    },
    {
      keys: ['Shift+x'],
      label: 'keys.chooseDay',
      run: run(({ shape }) => {
        const day = dayIndexOf(shape, model.active);
        const { dayStarts } = shape;
        model.selection = model.selection.toggleAll(dayStarts[day]!, dayStarts[day + 1]!);
      }),
    },
    {
      keys: ['Ctrl+a'],
      label: 'keys.chooseAll',
      run: run(({ shape }) => (model.selection = Selection.of([[0, shape.count]], model.active))),
    },
    {
      keys: ['Escape'],
      label: 'keys.clear',
      run: () => {
        if (model.selection.isEmpty) return false;
        model.selection = Selection.NONE;
        return true;
      },
    },
  ];
}
