/** The dashboard as a component: keys and the mouse in, the clock while it plays, rows out. */
import { useApp, useInput, useStdout, useWindowSize } from 'ink';
import { useCallback, useEffect, useInsertionEffect, useReducer, useRef, useState } from 'react';
import type { Data } from './data.ts';
import { actionOf } from './keys.ts';
import { isComplete, type Marks, moreMarks, noMarks } from './marks.ts';
import { reduce } from './model.ts';
import { Rows } from './rows.tsx';
import { screenLines } from './screen.ts';
import { keyNames, MOUSE_OFF, MOUSE_ON, type Mouse, mouseOf } from './term/keyname.ts';
import type { Theme } from './theme.ts';
import { type Action, initial, type Ui } from './ui.ts';

export type DashboardProps = {
  readonly data: Data;
  readonly title: string;
  readonly file: string | null;
  readonly start: number;
  readonly theme: Theme;
};

/** React commits at most so often while time plays; Ink would throttle only the painting. */
const FRAME_MS = 33;
/** Spent on the marks of the scrubber at a time, so that keys are still answered at once. */
const MARKS_MS = 8;

export function Dashboard({ data, title, file, start, theme }: DashboardProps) {
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  const [ui, dispatch] = useReducer(
    (before: Ui, action: Action) => reduce(before, action, data),
    start,
    (from) => initial(data, from),
  );
  const marks = useMarks(data);
  useMouse();
  useClock(ui.playing, dispatch);
  useKeys(ui, dispatch, columns);
  useEffect(() => {
    if (ui.quit) exit(0);
  }, [ui.quit, exit]);
  return <Rows lines={screenLines({ ui, data, theme, marks, title, file }, columns, rows)} />;
}

function useKeys(ui: Ui, dispatch: (action: Action) => void, columns: number): void {
  // Keys of one chunk come before React renders again: the prompt may open in the middle of them.
  const prompting = useRef(false);
  prompting.current = ui.prompt !== null;
  useInput((input, key) => {
    const mouse = mouseOf(input);
    if (mouse !== undefined) {
      const action = actionOfMouse(mouse, columns);
      if (action !== undefined) dispatch(action);
      return;
    }
    for (const name of keyNames(input, key)) {
      const action = actionOf(name, prompting.current);
      if (action === undefined) continue;
      if (action.type === 'ask') prompting.current = true;
      if (action.type === 'accept' || action.type === 'cancel') prompting.current = false;
      dispatch(action);
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

function useClock(playing: boolean, dispatch: (action: Action) => void): void {
  useEffect(() => {
    if (!playing) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      // After a pause of the process time does not jump.
      dispatch({ type: 'tick', ms: Math.min(250, now - last) });
      last = now;
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [playing, dispatch]);
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

/** Switched off in the commit that takes the dashboard away, on every way out. */
function useMouse(): void {
  const { stdout } = useStdout();
  const write = useCallback((codes: string) => stdout.write(codes), [stdout]);
  useInsertionEffect(() => {
    write(MOUSE_ON);
    return () => {
      write(MOUSE_OFF);
    };
  }, [write]);
}
