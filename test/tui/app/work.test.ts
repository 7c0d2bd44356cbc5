// What a frame costs, counted and not timed: how many snapshots it makes on the way. A frame that
// shows what the one before showed makes none, a step makes a few, whatever the length of the log.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Data } from '../../../tui/app/data.ts';
import { reduce } from '../../../tui/app/model.ts';
import type { Scene } from '../../../tui/app/panes/pane.ts';
import { screenParts } from '../../../tui/app/screen.ts';
import type { Action } from '../../../tui/app/ui.ts';
import { churn } from '../../engine/projections/logs.ts';
import { dataOf, sceneOf } from './scenes.ts';

const { commits, counted } = await vi.hoisted(() => import('../../commits.ts'));

vi.mock(import('immer'), counted);

/** The event of the step, and the few that come into view: each is looked at before and after. */
const STEP_MOST = 8;

function draw(scene: Scene): void {
  screenParts(scene, 200, 50);
}

function then(scene: Scene, data: Data, action: Action): Scene {
  return { ...scene, ui: reduce(scene.ui, action, data) };
}

describe.each([150, 1_500])('a frame of a log of %i connections', (connections) => {
  const data = dataOf(churn(connections));
  const middle = data.length >> 1;
  let scene = then(sceneOf(data), data, { type: 'goto', n: middle });
  draw(scene);

  beforeEach(() => {
    commits.count = 0;
  });

  it('that shows the same makes no snapshot', () => {
    draw(scene);
    expect(commits.count).toBe(0);
  });

  it('of a step forward makes a few', () => {
    for (let i = 0; i < 20; i += 1) {
      scene = then(scene, data, { type: 'step', by: 1 });
      draw(scene);
    }
    expect(commits.count).toBeGreaterThan(0);
    expect(commits.count / 20).toBeLessThanOrEqual(STEP_MOST);
  });
});
