/**
 * The dashboard as a component: size, keys, the mouse, the clock while it plays.
 *
 * It renders a box as large as the screen and nothing in it: the display draws over that, frame by
 * frame, without React.
 */
import { Box, useApp, useInput, useStdin, useStdout, useWindowSize } from 'ink';
import { useEffect, useInsertionEffect, useSyncExternalStore } from 'react';
import { actionOf } from './keys.ts';
import { partAt } from './layout.ts';
import type { Loading } from './loading.ts';
import { tabAt } from './panes/bars.ts';
import type { Store } from './store.ts';
import { keyNames, MOUSE_OFF, MOUSE_ON, type Mouse, mouseReports } from './term/keyname.ts';
import { type Action, PANES, type Ui } from './ui.ts';

/** Between two steps of the clock while time plays. */
const TICK_MS = 33;
/** Spent on the marks of the scrubber at a time, so that keys are still answered at once. */
const SCAN_MS = 8;

/** A slice of loading; between two of them keys are answered and a frame is drawn. */
const LOAD_MS = 12;
const TELL_MS = 100;

type Props = {
  readonly store: Store;
  readonly loading: Loading | undefined;
  readonly fail: (error: unknown) => void;
};

export function Dashboard({ store, loading, fail }: Props) {
  const { exit, suspendTerminal } = useApp();
  const { stdout } = useStdout();
  const { columns, rows } = useWindowSize();
  const playing = useSyncExternalStore(store.subscribe, () => store.get().playing);
  const quit = useSyncExternalStore(store.subscribe, () => store.get().quit);
  useScan(store);
  useLoading(store, loading, fail);
  useKeys(store);
  useMouse(store, columns, rows);
  useClock(playing, store);
  useEffect(() => {
    if (quit) exit(0);
  }, [quit, exit]);
  const suspended = useSyncExternalStore(store.subscribe, () => store.get().suspended);
  useEffect(() => {
    if (!suspended) return;
    const asleep = async (): Promise<void> => {
      stdout.write(MOUSE_OFF);
      await stopped().finally(() => stdout.write(MOUSE_ON));
    };
    suspendTerminal(asleep)
      // Where there is no such signal the screen is drawn again, and that is all.
      .catch(() => undefined)
      .finally(() => store.dispatch({ type: 'resume' }));
  }, [suspended, suspendTerminal, stdout, store]);
  return <Box width={columns} height={rows} />;
}

/** Longer than a process that is to be stopped goes on. */
const STOP_MS = 50;

/** Stops this process, and those it was started by as one job, until the shell continues them. */
async function stopped(): Promise<void> {
  process.kill(0, 'SIGTSTP');
  // The clock of a stopped process is over when it goes on. Where no shell would continue it, it is
  // never stopped, and goes on too.
  await new Promise((resolve) => setTimeout(resolve, STOP_MS));
  // Meanwhile the terminal told the shell alone of another size.
  process.kill(process.pid, 'SIGWINCH');
}

function useKeys(store: Store): void {
  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      const action = actionOf(name, store.get().prompt !== null);
      if (action !== undefined) store.dispatch(action);
    }
  });
}

/** A press on the scrubber seeks, on a pane or its tab focuses; the wheel moves what it is over. */
function actionOfMouse(mouse: Mouse, ui: Ui, columns: number, rows: number): Action | undefined {
  const at = partAt(ui, columns, rows, mouse.x, mouse.y)?.part;
  const pane = PANES[ui.view].find((one) => one === at);
  switch (mouse.kind) {
    case 'press':
    case 'drag': {
      if (at === 'scrubber') {
        const fraction = (mouse.x - 1) / Math.max(1, columns - 3);
        return { type: 'seek', fraction: Math.max(0, Math.min(1, fraction)) };
      }
      if (mouse.kind === 'drag') return undefined;
      const pressed = at === 'tabs' ? tabAt(ui, columns, mouse.x) : pane;
      return pressed === undefined ? undefined : { type: 'focus', pane: pressed };
    }
    case 'up':
    case 'down': {
      const by = mouse.kind === 'up' ? -1 : 1;
      if (at === 'scrubber') return { type: 'step', by };
      return pane === undefined ? { type: 'row', by } : { type: 'row', by, pane };
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
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, store]);
}

function useScan(store: Store): void {
  useEffect(() => {
    let timer: NodeJS.Timeout | undefined;
    const scan = (): void => {
      timer = store.scan(SCAN_MS) ? setTimeout(scan, 2) : undefined;
    };
    timer = setTimeout(scan, 30);
    // There is more to make when the log has grown.
    const unsubscribe = store.subscribe(() => {
      timer ??= setTimeout(scan, 30);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [store]);
}

function useLoading(
  store: Store,
  loading: Loading | undefined,
  fail: (error: unknown) => void,
): void {
  useEffect(() => {
    if (loading === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    let told = performance.now();
    let over = false;
    const load = async (): Promise<void> => {
      const goesOn = await loading.more(LOAD_MS);
      if (over) return;
      const now = performance.now();
      if (!goesOn || now - told >= TELL_MS) {
        told = now;
        store.grew(!goesOn);
      }
      if (goesOn) timer = setTimeout(next, 0);
    };
    const next = (): void => {
      load().catch(fail);
    };
    timer = setTimeout(next, 20);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [store, loading, fail]);
}

function useMouse(store: Store, columns: number, rows: number): void {
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
        const action = actionOfMouse(report, store.get(), columns, rows);
        if (action !== undefined) store.dispatch(action);
      }
    };
    stdin.on('data', listen);
    return () => {
      stdin.off('data', listen);
    };
  }, [stdin, store, columns, rows]);
}
