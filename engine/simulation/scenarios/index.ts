/** All scenarios that ship, by name. */
import { CHURN } from './churn.ts';
import { CLOSING } from './close.ts';
import { HALF_OPEN } from './half-open.ts';
import { OPENING } from './open.ts';
import type { ShippedScenario } from './shipped.ts';
import { TIME_WAITS } from './time-wait.ts';
import { TOUR } from './tour.ts';

export const SCENARIOS: Readonly<Record<string, ShippedScenario>> = Object.freeze(
  Object.fromEntries(
    [...TOUR, ...OPENING, ...CLOSING, ...TIME_WAITS, ...HALF_OPEN, ...CHURN].map((shipped) => [
      shipped.name,
      shipped,
    ]),
  ),
);
