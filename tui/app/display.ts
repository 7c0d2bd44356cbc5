/** Draws the scene on a terminal, as often as it changes but no more often than a frame lasts. */
import type { Scene } from './panes/pane.ts';
import { screenParts } from './screen.ts';
import { createPainter } from './term/paint.ts';

const FRAME_MS = 16;

export type Display = {
  /** Something has changed: draws soon. */
  readonly schedule: () => void;
  /** The screen may show anything: draws all of it soon. */
  readonly redraw: () => void;
  readonly stop: () => void;
};

export function createDisplay(
  stdout: NodeJS.WriteStream,
  scene: () => Scene,
  fail: (error: unknown) => void,
): Display {
  const painter = createPainter();
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let redraws = 0;
  let stopped = false;

  const draw = (): void => {
    timer = undefined;
    // A terminal that is slower than we are gets fewer frames, not a queue of them.
    if (stdout.writableNeedDrain === true) {
      stdout.once('drain', schedule);
      return;
    }
    drawnAt = performance.now();
    try {
      const now = scene();
      if (now.ui.suspended) return;
      if (now.ui.redraws !== redraws) painter.forget();
      redraws = now.ui.redraws;
      const codes = painter.update(screenParts(now, stdout.columns ?? 80, stdout.rows ?? 24));
      if (codes !== '') stdout.write(codes);
    } catch (error) {
      stop();
      fail(error);
    }
  };

  function schedule(): void {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(draw, Math.max(0, FRAME_MS - (performance.now() - drawnAt)));
  }

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
    stdout.off('drain', schedule);
  }

  return {
    schedule,
    redraw() {
      painter.forget();
      schedule();
    },
    stop,
  };
}
