/**
 * Holds the state. An action is applied at once, so that of several keys in one chunk each meets
 * the state that the one before has made.
 */
import type { Data } from './data.ts';
import { isComplete, type Marks, moreMarks, noMarks } from './marks.ts';
import { reduce } from './model.ts';
import { type Action, initial, type Ui } from './ui.ts';

export type Store = {
  readonly get: () => Ui;
  readonly dispatch: (action: Action) => void;
  readonly marks: () => Marks;
  /** Goes on with the marks of the scrubber for so long; whether there are more to make. */
  readonly scan: (ms: number) => boolean;
  /** The log has grown; `done`: for the last time. */
  readonly grew: (done: boolean) => void;
  readonly subscribe: (listener: () => void) => () => void;
};

/** While a log grows, what is said of whole lives is asked anew so often. */
const REFRESH_MS = 1_000;

export function createStore(data: Data, start: number): Store {
  let ui = initial(data, start);
  let marks = noMarks(data);
  let refreshed = performance.now();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    get: () => ui,
    dispatch(action) {
      const next = reduce(ui, action, data);
      if (next === ui) return;
      ui = next;
      tell();
    },
    marks: () => marks,
    scan(ms) {
      if (isComplete(marks)) return false;
      const until = performance.now() + ms;
      marks = moreMarks(marks, data, () => performance.now() > until);
      tell();
      return !isComplete(marks);
    },
    grew(done) {
      const now = performance.now();
      if (done || now - refreshed >= REFRESH_MS) {
        refreshed = now;
        data.refresh(done);
      }
      // The marks are made anew for twice the log: in all as much work as making them twice.
      if (data.length >= 2 * marks.length || (done && data.length > marks.length)) {
        marks = noMarks(data);
      }
      ui = reduce(ui, { type: 'grown' }, data);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
