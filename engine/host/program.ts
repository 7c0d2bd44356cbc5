/**
 * Applications as data: a program is a flat list of instructions, a process runs one.
 *
 * A program is in the header of the log, a process (its position, its connection) in the snapshot.
 * So a simulation goes on from any snapshot. The process advances in the fold: a call that it makes
 * is an event; between two calls it steps over waits, loops and starts of others by itself.
 */
import type { Micros } from '../base/time.ts';

export type Instruction =
  /** Active OPEN; goes on when ESTABLISHED (or at once with `nowait`). Where it fails: `orElse`. */
  | {
      readonly op: 'connect';
      readonly to: string;
      readonly port: number;
      /** Local port: bind before connect; absent: an ephemeral one. */
      readonly from?: number;
      readonly iss?: number;
      readonly nowait?: boolean;
    }
  /** Passive OPEN of a socket listener. */
  | { readonly op: 'listen'; readonly port: number; readonly backlog: number }
  /** Passive OPEN of one connection, as in RFC 9293: no queue; goes on when ESTABLISHED. */
  | { readonly op: 'open_passive'; readonly port: number; readonly iss?: number }
  /** Accepts for ever; a new process runs `program` on each connection. */
  | { readonly op: 'serve'; readonly program: string }
  /** Waits for one connection and takes it. */
  | { readonly op: 'accept' }
  | { readonly op: 'send'; readonly bytes: number; readonly urgent?: boolean }
  /** Reads until so many octets more were read; at the end of the stream or an error goes on. */
  | { readonly op: 'receive'; readonly bytes: number }
  /** Reads until the peer's FIN. */
  | { readonly op: 'receive_end' }
  /** SHUT_WR: CLOSE of the sending side alone. */
  | { readonly op: 'shutdown' }
  | { readonly op: 'close' }
  | { readonly op: 'abort' }
  | { readonly op: 'set'; readonly options: Readonly<Record<string, number | boolean>> }
  | { readonly op: 'wait'; readonly us: Micros }
  /** Waits until an absolute virtual time. */
  | { readonly op: 'until'; readonly at: Micros }
  /** Starts `times` processes of a program, one each `every` µs (0: all at once). */
  | {
      readonly op: 'spawn';
      readonly program: string;
      readonly times: number;
      readonly every: Micros;
    }
  /** Goes back to instruction `to` until it was run `times` times in all. */
  | { readonly op: 'repeat'; readonly to: number; readonly times: number };

export type Program = {
  readonly name: string;
  readonly code: readonly Instruction[];
};

/** A program that a host runs from a time on. */
export type AppSpec = {
  readonly host: string;
  readonly program: string;
  readonly at: Micros;
};
