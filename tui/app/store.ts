/**
 * Holds the state between React's renders. An action is applied at once, so that of several keys in
 * one chunk each meets the state that the one before has made.
 */
import type { Data } from './data.ts';
import { reduce } from './model.ts';
import { type Action, initial, type Ui } from './ui.ts';

export type Store = {
  readonly get: () => Ui;
  readonly dispatch: (action: Action) => void;
  /** For React's useSyncExternalStore. */
  readonly subscribe: (listener: () => void) => () => void;
};

export function createStore(data: Data, start: number): Store {
  let ui = initial(data, start);
  const listeners = new Set<() => void>();
  return {
    get: () => ui,
    dispatch(action) {
      const next = reduce(ui, action, data);
      if (next === ui) return;
      ui = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
