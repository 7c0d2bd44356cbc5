/** What all scenarios that ship have in common. */
import type { LogHeader } from '../../log/header.ts';
import type { Scenario, ScenarioInfo, ScenarioOptions } from '../scenario.ts';
import { scenario } from '../scenario.ts';

export type ShippedScenario = {
  readonly name: string;
  /** One line. */
  readonly about: string;
  readonly build: (options?: ScenarioOptions) => LogHeader;
};

/** A scenario under its name; its title is the line that tells it from others. */
export function ship(
  info: ScenarioInfo & { readonly name: string },
  fill: (empty: Scenario) => Scenario,
): ShippedScenario {
  return {
    name: info.name,
    about: info.title,
    build: (options) => fill(scenario(info)).build(options),
  };
}

/** A client and a server, 10 ms apart. */
export function pair(empty: Scenario): Scenario {
  return empty.host('client').host('server');
}
