/**
 * A flood of SYNs filled the queue of Linux up to tcp_max_syn_backlog, whatever backlog listen()
 * had named. It holds backlog + 1, as many as the accept queue, and no more than
 * tcp_max_syn_backlog (recorded with 6.18 and a backlog of 4: the sixth SYN met a cookie; without
 * cookies and with a tcp_max_syn_backlog of 4 four were kept).
 */
import { expect, it } from 'vitest';
import { Desk, PASSIVE, PEER_PORT } from '../conformance/desk.ts';

it.each([
  ['linux', 4, {}, 5],
  ['linux', 4, { syn_backlog: 4 }, 4],
  ['linux', 128, {}, 129],
  ['rfc9293', 128, {}, 128],
  ['rfc9293', 128, { syn_backlog: 16 }, 16],
  ['rfc9293', 128, { syn_backlog: 256 }, 128],
  ['rfc9293', 128, { backlog_max: 32 }, 32],
] as const)(
  '%s with a backlog of %i and %o keeps %i half-open',
  (profile, backlog, knobs, most) => {
    const desk = new Desk({ profile, knobs: { ...knobs, syn_cookies: false } });
    desk.call({ ...PASSIVE, backlog, iss: -1 });
    const syns = 300;
    let answered = 0;
    for (let i = 0; i < syns; i += 1) {
      answered += desk.get({ flags: 'S', seq: 0, srcPort: PEER_PORT + i }).length;
    }
    expect(answered).toBe(most);
    expect(desk.tcb(1).synQueue).toBe(most);
    expect(desk.host.totals.listenDrops).toBe(syns - most);
  },
);
