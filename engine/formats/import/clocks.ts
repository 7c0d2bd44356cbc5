/**
 * Captures of two machines, merged into one file, have two clocks. Where these differ by more than
 * the way of a packet, it seems to arrive before it left. Then the clocks are put right as NTP does
 * (RFC 5905 §8): by half of what the shortest ways there and back differ. What contradicts nothing
 * stays as it is, for ways may differ too.
 *
 * Which machine an interface belongs to is told by its own clock alone: there its address answers
 * fastest.
 */
import { formatTime, type Micros } from '../../base/time.ts';
import type { DecodedCapture, TcpFrame } from '../capture/index.ts';
import { halfTurns, identityOf } from './places.ts';

/** One clock read on two processors may differ by so much, µs. */
const SAME_CLOCK = 100;

export type Aligned = {
  readonly decoded: DecodedCapture;
  /** What was put right, in sentences. */
  readonly notes: readonly string[];
};

export function alignClocks(decoded: DecodedCapture): Aligned {
  const { frames, interfaces } = decoded;
  const used = [...new Set(frames.map((frame) => frame.interface))].sort((a, b) => a - b);
  if (used.length < 2) return { decoded, notes: [] };
  const home = homes(frames, used);
  const ahead = new Map<number, Micros>([[used[0] as number, 0]]);
  const notes: string[] = [];
  for (const place of used.slice(1)) {
    let late = 0;
    for (const [other, before] of ahead) {
      const found = offsetOf(frames, home, other, place);
      if (found === undefined) continue;
      late = before + found;
      if (found === 0) break;
      const name = (at: number) => interfaces[at]?.name || `interface ${at}`;
      const says = found > 0 ? 'ahead of' : 'behind';
      const by = formatTime(Math.abs(found));
      notes.push(`The clock at ${name(place)} is ${by} ${says} that at ${name(other)}: put right.`);
      break;
    }
    ahead.set(place, late);
  }
  return { decoded: notes.length === 0 ? decoded : shifted(decoded, ahead), notes };
}

/** By address, the interface at which it answers fastest. */
function homes(frames: readonly TcpFrame[], used: readonly number[]): Map<string, number> {
  const fastest = new Map<string, Micros>();
  const home = new Map<string, number>();
  for (const place of used) {
    const here = frames.filter((frame) => frame.interface === place);
    const inOrder = here.sort((a, b) => a.time - b.time);
    for (const [address, turn] of halfTurns(inOrder, new Map())) {
      if (turn >= (fastest.get(address) ?? Number.POSITIVE_INFINITY)) continue;
      fastest.set(address, turn);
      home.set(address, place);
    }
  }
  return home;
}

/** By how much the clock at `b` is ahead of that at `a`; undefined: no packets tell. */
function offsetOf(
  frames: readonly TcpFrame[],
  home: ReadonlyMap<string, number>,
  a: number,
  b: number,
): Micros | undefined {
  const there = new Map<string, Micros>();
  let way = Number.POSITIVE_INFINITY;
  let back = Number.POSITIVE_INFINITY;
  for (const frame of frames) if (frame.interface === a) note(there, frame);
  const here = new Map<string, Micros>();
  for (const frame of frames) if (frame.interface === b) note(here, frame);
  for (const { segment, ipIdent } of frames) {
    const key = `${identityOf(segment)} ${ipIdent}`;
    const took = (here.get(key) ?? Number.NaN) - (there.get(key) ?? Number.NaN);
    if (Number.isNaN(took)) continue;
    const from = home.get(segment.src);
    const to = home.get(segment.dst);
    if (from === a && to === b) way = Math.min(way, took);
    else if (from === b && to === a) back = Math.min(back, -took);
  }
  if (!Number.isFinite(way) || !Number.isFinite(back)) return undefined;
  return Math.min(way, back) >= -SAME_CLOCK ? 0 : Math.round((way - back) / 2);
}

/** What was seen once has one time; what was seen more often, none. */
function note(seen: Map<string, Micros>, { segment, ipIdent, time }: TcpFrame): void {
  const key = `${identityOf(segment)} ${ipIdent}`;
  seen.set(key, seen.has(key) ? Number.NaN : time);
}

/** The capture with one clock; its first packet is at 0 again. */
function shifted(decoded: DecodedCapture, ahead: ReadonlyMap<number, Micros>): DecodedCapture {
  const right = <T extends { time: Micros; interface: number }>(at: T): T => ({
    ...at,
    time: at.time - (ahead.get(at.interface) ?? 0),
  });
  const frames = decoded.frames.map(right);
  const icmp = decoded.icmp.map(right);
  let first = Number.POSITIVE_INFINITY;
  for (const { time } of [...frames, ...icmp]) first = Math.min(first, time);
  const from0 = <T extends { time: Micros }>(at: T): T => ({ ...at, time: at.time - first });
  const epoch_us = decoded.epoch_us + first;
  return { ...decoded, epoch_us, frames: frames.map(from0), icmp: icmp.map(from0) };
}
