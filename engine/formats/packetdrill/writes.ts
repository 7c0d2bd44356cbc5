/**
 * How the application of a recorded host wrote. An import concludes a SEND for each segment; but a
 * stack sets PSH at least where what it was given ends (RFC 9293 §3.9.1.2), so text without it is
 * of one write with the text that follows.
 */
import type { LogEvent } from '../../log/event.ts';
import { FIN, has, PSH } from '../../tcp/segment.ts';
import type { Tcb } from '../../tcp/tcb.ts';

/** By position of a SEND: octets of the write that begins there; 0: it is part of one before. */
export function writesOf(
  events: readonly LogEvent[],
  host: number,
  conn: number,
  of: Pick<Tcb, 'local' | 'localPort' | 'remote' | 'remotePort'>,
): ReadonlyMap<number, number> {
  const writes = new Map<number, number>();
  let open = -1;
  for (const [n, event] of events.entries()) {
    if (!('host' in event) || event.host !== host) continue;
    if (event.ev === 'call' && event.conn === conn) {
      if (event.call.call !== 'SEND' || event.call.urgent || event.inferred !== true) open = -1;
      if (event.call.call !== 'SEND') continue;
      if (open < 0) open = n;
      writes.set(n, 0);
      writes.set(open, (writes.get(open) as number) + event.call.bytes);
    } else if (event.ev === 'observe') {
      const { seg } = event;
      const isOurs = seg.srcPort === of.localPort && seg.dstPort === of.remotePort;
      if (!isOurs || seg.src !== of.local || seg.dst !== of.remote) continue;
      if (has(seg, FIN) || (seg.len > 0 && has(seg, PSH))) open = -1;
    }
  }
  return writes;
}
