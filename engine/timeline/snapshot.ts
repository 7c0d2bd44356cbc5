/** The whole network at one moment: the value that the fold computes. */
import type { Table } from '../base/table.ts';
import type { Micros } from '../base/time.ts';
import type { Host, Process } from '../host/host.ts';
import type { Flight } from '../network/flight.ts';
import type { LinkRules } from '../network/topology.ts';

export type Snapshot = {
  readonly time: Micros;
  /** Events folded so far. */
  readonly events: number;
  readonly hosts: readonly Host[];
  readonly flights: Table<Flight>;
  /** Number of the next emission. */
  readonly nextFlight: number;
  readonly processes: Table<Process>;
  readonly nextProcess: number;
  /** Links changed since the start, by `a|b` in host numbers. */
  readonly links: Readonly<Record<string, LinkRules>>;
  /** How often each fault of the header has matched. */
  readonly faultHits: readonly number[];
  /** How many of the header's planned events have happened. */
  readonly planned: number;
};
