/**
 * A packetdrill script as data: options, at most one command before and after, and events in the
 * order of the text. Numbers are as written; what they stand for is the runner's business.
 */
import type { Micros } from '../../base/time.ts';

/** Where something stands in the text; both count from 1. */
export type Place = { readonly line: number; readonly column: number };

export type IpVersion = 'ipv4' | 'ipv6' | 'ipv4_mapped_ipv6';

export type ScriptOptions = {
  readonly ip: IpVersion;
  readonly tolerance_usecs: number;
  /** Null: the default of the stack's own packetdrill. */
  readonly tolerance_percent: number | null;
  readonly mtu: number;
  /** 0: timestamps are not compared. */
  readonly ts_tick_usecs: number;
  readonly bindPort: number;
  readonly connectPort: number;
};

/** When an event happens: `at` counts from 0, or from the moment of the event before. */
export type When =
  | { readonly kind: 'at'; readonly relative: boolean; readonly at: Micros }
  /** Expected between the two; both of one base. */
  | {
      readonly kind: 'range';
      readonly relative: boolean;
      readonly at: Micros;
      readonly until: Micros;
    }
  /** A call that blocks from `at` until `until`. */
  | {
      readonly kind: 'blocks';
      readonly relative: boolean;
      readonly at: Micros;
      readonly until: Micros;
    }
  | { readonly kind: 'any' };

/** An option of the TCP header, as written. */
export type WrittenOption =
  | { readonly kind: 'mss'; readonly value: number }
  | { readonly kind: 'nop' }
  | { readonly kind: 'eol' }
  | { readonly kind: 'wscale'; readonly value: number }
  | { readonly kind: 'sackOK' }
  | { readonly kind: 'sack'; readonly edges: readonly number[] }
  | { readonly kind: 'TS'; readonly val: number; readonly ecr: number }
  | { readonly kind: 'FO'; readonly cookie: string };

export type WrittenSegment = {
  /** Flags as a set of bits (segment.ts); AE is {@link AE}. */
  readonly flags: number;
  /** Null: `...`, not looked at. */
  readonly seq: number | null;
  readonly len: number;
  /** Null where it is not written. */
  readonly ack: number | null;
  readonly win: number | null;
  readonly urg: number | null;
  /** Null: `<...>`, not looked at. */
  readonly options: readonly WrittenOption[] | null;
};

/** Accurate ECN's flag, the ninth bit. */
export const AE = 256;

/** An argument of a call. */
export type Value =
  | { readonly kind: 'any' }
  /** Numbers and names, joined by `|`. */
  | { readonly kind: 'set'; readonly parts: readonly (number | string)[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Value> }
  | { readonly kind: 'apply'; readonly name: string; readonly args: readonly Value[] };

export type WrittenCall = {
  readonly name: string;
  readonly args: readonly Value[];
  /** Null: `...`, not looked at. */
  readonly result: number | null;
  /** '' none. */
  readonly errno: string;
};

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** An expression of `%{ … }%`. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string; readonly place: Place }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'minus'; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly op: Comparison | '&' | '|' | '^' | '+' | '-' | '*' | '/' | '%' | '<<' | '>>';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'logic';
      readonly op: 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
    };

export type Assertion = {
  readonly place: Place;
  readonly text: string;
  readonly that: Expression;
  readonly message: string;
};

export type ScriptEvent = { readonly place: Place; readonly when: When } & (
  | { readonly kind: 'arrives'; readonly segment: WrittenSegment }
  | { readonly kind: 'expects'; readonly segment: WrittenSegment; readonly text: string }
  | { readonly kind: 'call'; readonly call: WrittenCall; readonly text: string }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'assert'; readonly assertions: readonly Assertion[] }
);

export type Command = { readonly place: Place; readonly text: string };

export type Script = {
  readonly options: ScriptOptions;
  readonly before: Command | null;
  readonly events: readonly ScriptEvent[];
  readonly after: Command | null;
};

/** What the text of a script turns out to be. */
export type Parsed =
  | { readonly kind: 'script'; readonly script: Script }
  /** Not packetdrill: what was expected, and what stands there. */
  | {
      readonly kind: 'error';
      readonly place: Place;
      readonly expected: string;
      readonly found: string;
    }
  /** Packetdrill, but of something that is not here. */
  | { readonly kind: 'missing'; readonly place: Place; readonly what: string };
