/**
 * Opens the dashboard on the alternate screen and gives the exit code when the user has left it.
 *
 * On every way out the terminal is as it was: Ink leaves the alternate screen, shows the cursor and
 * ends raw mode, also on a signal. What went wrong while drawing is said after that, on stderr.
 */
import { render } from 'ink';
import type { Timeline } from '../../engine/index.ts';
import { Dashboard } from './app.tsx';
import { createData } from './data.ts';
import { createDisplay } from './display.ts';
import type { Loading } from './loading.ts';
import type { Scene } from './panes/pane.ts';
import { createStore, type Store } from './store.ts';
import { type Theme, themeFor } from './theme.ts';

export type DashboardOptions = {
  readonly timeline: Timeline;
  readonly title: string;
  /** Name of the file it was read from; null: none. */
  readonly file: string | null;
  /** The rest of the log, if it is still being read. */
  readonly loading?: Loading;
  /** Position to start at. */
  readonly start?: number;
  /** Other streams than the process's own, for tests. */
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout?: NodeJS.WriteStream;
  readonly stderr?: NodeJS.WriteStream;
  readonly theme?: Theme;
};

export async function openDashboard(options: DashboardOptions): Promise<number> {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr } = options;
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    stderr.write('The dashboard needs a terminal: standard input or output is not one.\n');
    return 2;
  }
  const { timeline, title, file, loading, start = 0 } = options;
  const theme = options.theme ?? themeFor(process.env);
  const data = createData(timeline, loading !== undefined);
  const store = guarded(createStore(data, start), (error) => fail(error));
  const past: Scene['past'] = (pane, last) => store.dispatch({ type: 'past', pane, last });
  const scene = (): Scene => {
    const status = loading?.status() ?? '';
    return { ui: store.get(), data, theme, marks: store.marks(), title, file, status, past };
  };
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    display.stop();
    dashboard.unmount();
  };
  const display = createDisplay(stdout, scene, fail);
  const dashboard = render(<Dashboard store={store} loading={loading} fail={fail} />, {
    stdin,
    stdout,
    stderr,
    alternateScreen: true,
    incrementalRendering: true,
    // A variable CI, even an empty one, would make Ink silent on a real terminal.
    interactive: true,
    // Ctrl-C is a key of ours: the exit code is then ours too.
    exitOnCtrlC: false,
    patchConsole: false,
    // Ink has written its empty box, after a resize or at the start: all is to be drawn over it.
    onRender: () => setTimeout(display.redraw, 1),
  });
  const unsubscribe = store.subscribe(() => {
    // Nothing is drawn any more once the alternate screen may be left.
    if (store.get().quit) display.stop();
    else display.schedule();
  });
  try {
    await dashboard.waitUntilExit();
  } catch (error) {
    failure = error;
  } finally {
    unsubscribe();
    display.stop();
  }
  if (failure === undefined) return 0;
  stderr.write(`twomsl: the dashboard failed: ${messageOf(failure)}\n`);
  return 1;
}

/** A store whose failures end the dashboard, whatever asked it: a key, a timer, the log. */
function guarded(store: Store, fail: (error: unknown) => void): Store {
  const guard =
    <A extends unknown[], R>(ask: (...args: A) => R, otherwise: R) =>
    (...args: A): R => {
      try {
        return ask(...args);
      } catch (error) {
        fail(error);
        return otherwise;
      }
    };
  return {
    ...store,
    dispatch: guard(store.dispatch, undefined),
    scan: guard(store.scan, false),
    grew: guard(store.grew, undefined),
  };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env['TWOMSL_DEBUG'] === undefined ? error.message : (error.stack ?? error.message);
}
