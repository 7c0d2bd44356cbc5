/**
 * Packets that were captured more than once at one interface: a mirror port that copies both ways,
 * a capture on all interfaces of a machine that bridges, two captures merged into one file. A copy
 * is the same segment with the same identification of its IP packet; what a host sends again has
 * another one (RFC 6864 §4). Where there is none, only what comes again at once is a copy.
 *
 * A network copies packets too, now and then. So only where at least every second packet of a
 * direction came more than once was it the capture.
 */
import type { Micros } from '../../base/time.ts';
import { has, RST } from '../../tcp/segment.ts';
import type { TcpFrame } from '../capture/index.ts';
import { identityOf } from './places.ts';

/** A copy is captured at most so long after the packet, as at the other end of a slow path, µs. */
const LATE_MAX = 1_000_000;
/** No host sends again so soon, µs. */
const AT_ONCE = 5_000;

type Direction = { firsts: number; copies: number };

/** `frames` in order of time; gives those that are no copies. */
export function withoutCopies(frames: readonly TcpFrame[]): readonly TcpFrame[] {
  const seen = new Map<string, Micros>();
  const directions = new Map<string, Direction>();
  const isCopy = frames.map((frame) => {
    const key = keyOf(frame);
    const before = seen.get(key);
    seen.set(key, frame.time);
    const late = frame.ipIdent === 0 ? AT_ONCE : LATE_MAX;
    const copy = before !== undefined && frame.time - before <= late;
    const direction = directionOf(directions, frame);
    // A host without the connection answers each of several segments by the same RST.
    if (!copy) direction.firsts += 1;
    else if (frame.ipIdent !== 0 || !has(frame.segment, RST)) direction.copies += 1;
    return copy;
  });
  return frames.filter((frame, i) => {
    if (!isCopy[i]) return true;
    const { firsts, copies } = directionOf(directions, frame);
    return copies * 2 < firsts;
  });
}

function keyOf({ segment, ipIdent, interface: place }: TcpFrame): string {
  return `${identityOf(segment)} ${ipIdent} ${place} ${segment.sack ?? ''}`;
}

function directionOf(directions: Map<string, Direction>, { segment: s }: TcpFrame): Direction {
  const key = `${s.src} ${s.srcPort} ${s.dst} ${s.dstPort}`;
  let direction = directions.get(key);
  if (direction === undefined) {
    direction = { firsts: 0, copies: 0 };
    directions.set(key, direction);
  }
  return direction;
}
