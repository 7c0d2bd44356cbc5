/** The dashboard as a component: keys and the mouse in, the clock while it plays, rows out. */
import { useApp, useInput, useStdin, useStdout, useWindowSize } from 'ink';
import { useEffect, useInsertionEffect, useState, useSyncExternalStore } from 'react';
import type { Data } from './data.ts';
import { actionOf } from './keys.ts';
import { isComplete, type Marks, moreMarks, noMarks } from './marks.ts';
import { Rows } from './rows.tsx';
import { screenLines } from './screen.ts';
import type { Store } from './store.ts';
import { keyNames, MOUSE_OFF, MOUSE_ON, type Mouse, mouseReports } from './term/keyname.ts';
import type { Theme } from './theme.ts';
import type { Action } from './ui.ts';

export type DashboardProps = {
  readonly data: Data;
  readonly store: Store;
  readonly title: string;
  readonly file: string | null;
  readonly theme: Theme;
};

/** React commits at most so often while time plays; Ink would throttle only the painting. */
const FRAME_MS = 33;
/** Spent on the marks of the scrubber at a time, so that keys are still answered at once. */
const MARKS_MS = 8;

export function Dashboard({ data, store, title, file, theme }: DashboardProps) {
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  const ui = useSyncExternalStore(store.subscribe, store.get);
  const marks = useMarks(data);
  useKeys(store);
  useMouse(store, columns);
  useClock(ui.playing, store);
  useEffect(() => {
    if (ui.quit) exit(0);
  }, [ui.quit, exit]);
  return <Rows lines={screenLines({ ui, data, theme, marks, title, file }, columns, rows)} />;
}

function useKeys(store: Store): void {
  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      const action = actionOf(name, store.get().prompt !== null);
      if (action !== undefined) store.dispatch(action);
    }
  });
}

/** The scrubber seeks, the wheel moves rows; on the scrubber it steps. */
function actionOfMouse(mouse: Mouse, columns: number): Action | undefined {
  const onScrubber = mouse.y === 1 || mouse.y === 2;
  switch (mouse.kind) {
    case 'press':
    case 'drag': {
      if (!onScrubber) return undefined;
      const fraction = (mouse.x - 1) / Math.max(1, columns - 3);
      return { type: 'seek', fraction: Math.max(0, Math.min(1, fraction)) };
    }
    case 'up':
    case 'down': {
      const by = mouse.kind === 'up' ? -1 : 1;
      return onScrubber ? { type: 'step', by } : { type: 'row', by };
    }
  }
}

function useClock(playing: boolean, store: Store): void {
  useEffect(() => {
    if (!playing) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      // After a pause of the process time does not jump.
      store.dispatch({ type: 'tick', ms: Math.min(250, now - last) });
      last = now;
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [playing, store]);
}

function useMarks(data: Data): Marks {
  const [marks, setMarks] = useState(() => noMarks(data));
  useEffect(() => {
    if (isComplete(marks)) return undefined;
    const timer = setTimeout(() => {
      const until = performance.now() + MARKS_MS;
      setMarks(moreMarks(marks, data, () => performance.now() > until));
    }, 1);
    return () => clearTimeout(timer);
  }, [marks, data]);
  return marks;
}

function useMouse(store: Store, columns: number): void {
  const { stdin } = useStdin();
  const { stdout } = useStdout();
  // Switched off in the commit that takes the dashboard away, on every way out.
  useInsertionEffect(() => {
    stdout.write(MOUSE_ON);
    return () => {
      stdout.write(MOUSE_OFF);
    };
  }, [stdout]);
  useEffect(() => {
    const listen = (chunk: string | Uint8Array): void => {
      for (const report of mouseReports(String(chunk))) {
        const action = actionOfMouse(report, columns);
        if (action !== undefined) store.dispatch(action);
      }
    };
    stdin.on('data', listen);
    return () => {
      stdin.off('data', listen);
    };
  }, [stdin, store, columns]);
}
