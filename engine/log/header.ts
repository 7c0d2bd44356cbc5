/** The first and the last line of a log. */
import type { Micros } from '../base/time.ts';
import type { AppSpec, Program } from '../host/program.ts';
import type { FaultSpec, HostSpec, LinkRules, LinkSpec } from '../network/topology.ts';
import type { PlannedEvent } from './event.ts';

/** Version of the file's form; a reader refuses a newer one. */
export const FORMAT_VERSION = 1;
/** Version of the meaning of events: changes where the same log would fold to other snapshots. */
export const SEMANTICS_VERSION = 1;

export type LogSource =
  | { readonly kind: 'simulation'; readonly scenario: string }
  /** `assumptions`: what the import took for granted, in sentences. */
  | {
      readonly kind: 'import';
      readonly file: string;
      /** Start of the recording, µs since 1970. */
      readonly epoch: number;
      readonly assumptions: readonly string[];
    };

export type LogHeader = {
  readonly format: 'twomsl';
  readonly version: number;
  readonly semantics: number;
  readonly id: string;
  readonly title: string;
  /** What to look at, in a few sentences. */
  readonly about: string;
  readonly seed: number;
  readonly source: LogSource;
  readonly hosts: readonly HostSpec[];
  readonly links: readonly LinkSpec[];
  /** Rules between hosts that no link names. */
  readonly defaultLink: LinkRules;
  readonly faults: readonly FaultSpec[];
  readonly programs: readonly Program[];
  readonly apps: readonly AppSpec[];
  /** Events from outside, by time: crashes, changes of links and knobs, forged segments. */
  readonly planned?: readonly PlannedEvent[];
  /** The simulation stops before the first event after this time; some runs never end otherwise. */
  readonly until?: Micros;
};

export type LogTrailer = {
  readonly events: number;
  /** Digest of the snapshot after the last event. */
  readonly digest: string;
};
