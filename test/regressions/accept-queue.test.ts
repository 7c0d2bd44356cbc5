/**
 * backlog + 1 completed connections fit the accept queue of Linux, with a backlog of 0 too, where
 * ours took two. And while it was full an ACK of another SYN was dropped with the last ACKs of
 * handshakes, where it has to meet an RST (RFC 9293 §3.10.7.4, fifth).
 */
import { describe, expect, it } from 'vitest';
import { seqAdd } from '../../engine/base/seq.ts';
import { Desk, PASSIVE, PEER_PORT, type Sent, show } from '../conformance/desk.ts';

/** A handshake from a port; its SYN,ACK. */
function connect(desk: Desk, srcPort: number): Sent | undefined {
  const [synAck] = desk.get({ flags: 'S', seq: 0, srcPort });
  if (synAck !== undefined) acknowledge(desk, srcPort, synAck, 1);
  return synAck;
}

/** The last ACK, of what lies `by` beyond the ISS. */
function acknowledge(desk: Desk, srcPort: number, synAck: Sent, by: number): Sent[] {
  const seg = desk.segment({ flags: '.', seq: 1, srcPort });
  const ack = seqAdd(synAck.seg.seq, by);
  return desk.apply({ t: desk.now, ev: 'inject', host: 0, seg: { ...seg, ack } });
}

function listening(profile: string, backlog: number): Desk {
  const desk = new Desk({ profile });
  desk.call({ ...PASSIVE, backlog, iss: -1 });
  return desk;
}

describe('an accept queue', () => {
  it.each([
    ['linux', 0, 1],
    ['linux', 1, 2],
    ['linux', 3, 4],
    ['rfc9293', 0, 1],
    ['rfc9293', 3, 3],
  ] as const)('of %s with a backlog of %i holds %i', (profile, backlog, most) => {
    const desk = listening(profile, backlog);
    for (let i = 0; i < 6; i += 1) connect(desk, PEER_PORT + i);
    expect(desk.tcb(1).acceptQueue.length).toBe(most);
  });

  it('that is full keeps an ACK of another SYN from no RST', () => {
    const desk = listening('linux', 0);
    const [synAck] = desk.get({ flags: 'S', seq: 0, srcPort: 5_000 });
    connect(desk, 5_001);
    expect(desk.tcb(1).acceptQueue.length).toBe(1);
    const wrong = acknowledge(desk, 5_000, synAck as Sent, 2);
    expect(wrong.map(({ flags }) => flags)).toEqual(['R']);
    expect(wrong[0]?.seg.seq).toBe(seqAdd((synAck as Sent).seg.seq, 2));
    expect(show(acknowledge(desk, 5_000, synAck as Sent, 1))).toEqual([]);
    expect(desk.rules).toEqual(['acceptFull']);
  });
});
