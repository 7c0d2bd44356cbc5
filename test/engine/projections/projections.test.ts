// The projections on three small logs: a simultaneous close, one with a lost FIN, and many closes.

import { describe, expect, test } from 'vitest';
import {
  basesOf,
  closingOf,
  closingText,
  countState,
  countStates,
  describeEvent,
  explainEvent,
  findConn,
  ladderOf,
  lifeOf,
  nextTimer,
  path,
  portSpaces,
  STATES,
  sameCounts,
  stateOf,
  waitingPorts,
  waitReason,
} from '../../../engine/index.ts';
import { churn, clientFirst, simultaneousClose } from './logs.ts';

const CLIENT = 0;
const SERVER = 1;

describe('a simultaneous close', () => {
  const timeline = simultaneousClose();
  const served = timeline.biography(CLIENT, 1)?.peerConn ?? 0;

  test('both ends live through CLOSING to TIME-WAIT', () => {
    const states = lifeOf(timeline, CLIENT, 1).map((step) => step.after);
    expect(states).toEqual([
      'SYN-SENT',
      'ESTABLISHED',
      'FIN-WAIT-1',
      'CLOSING',
      'TIME-WAIT',
      'CLOSED',
    ]);
    const server = lifeOf(timeline, SERVER, served);
    expect(server.map((step) => step.after).slice(-4)).toEqual([
      'FIN-WAIT-1',
      'CLOSING',
      'TIME-WAIT',
      'CLOSED',
    ]);
    expect(server.every((step) => path(step).length >= 2)).toBe(true);
  });

  test('both closed first and both wait', () => {
    const closing = closingOf(timeline, CLIENT, 1);
    expect(closing.first).toBe('both');
    expect(closing.timeWait).toEqual([
      { host: CLIENT, conn: 1 },
      { host: SERVER, conn: served },
    ]);
    expect(closingText(closing, 'a', 'b')).toContain('simultaneous close');
  });

  test('TIME-WAIT first waits for the peer’s last ACK, then for old duplicates', () => {
    const entered = lifeOf(timeline, SERVER, served).find((step) => step.after === 'TIME-WAIT');
    const n = (entered?.n ?? 0) + 1;
    const peer = { host: CLIENT, conn: 1 };
    expect(stateOf(timeline.at(n), CLIENT, 1)).toBe('CLOSING');
    expect(waitReason(timeline.at(n), peer).reason).toBe('last-ack');
    expect(waitReason(timeline.at(n + 1), peer).reason).toBe('old-duplicates');
  });

  test('an explanation has the stimulus, the change, who closed first and why it waits', () => {
    const entered = lifeOf(timeline, CLIENT, 1).find((step) => step.after === 'TIME-WAIT');
    const items = explainEvent(timeline, entered?.n ?? 0);
    expect(items.map((item) => item.kind)).toEqual(
      expect.arrayContaining(['stimulus', 'state', 'close', 'wait', 'rule', 'timer']),
    );
    expect(items[1]).toMatchObject({
      kind: 'state',
      text: 'client#1 CLOSING → TIME-WAIT: our FIN is acknowledged in CLOSING',
      source: 'RFC 9293 §3.10.7.4, fifth',
    });
    expect(items.filter((item) => item.kind === 'rule').every((item) => item.source)).toBe(true);
  });

  test('the FINs cross on the ladder', () => {
    const ladder = ladderOf(timeline, CLIENT, 1, 16, 100);
    expect(ladder.left).toEqual({ host: CLIENT, conn: 1 });
    expect(ladder.right).toEqual({ host: SERVER, conn: served });
    expect(ladder.more).toEqual({ before: false, after: false });
    const fins = ladder.rows.filter((row) => ((row.seg?.flags ?? 0) & 1) !== 0);
    expect(fins.map(({ kind, side }) => `${kind} ${side}`)).toEqual([
      'depart right',
      'depart left',
      'arrive left',
      'arrive right',
    ]);
    const [first, second, third, fourth] = fins;
    expect(third?.emission).toBe(first?.emission);
    expect(fourth?.emission).toBe(second?.emission);
    expect(third?.entered).toEqual(['CLOSING']);
  });

  test('the ladder is the same from the other end, and a window tells that there is more', () => {
    const here = ladderOf(timeline, CLIENT, 1, 16, 100);
    expect(ladderOf(timeline, SERVER, served, 16, 100).rows).toEqual(here.rows);
    const part = ladderOf(timeline, CLIENT, 1, 16, 4);
    expect(part.more).toEqual({ before: true, after: true });
    expect(part.rows.some((row) => row.n === 16)).toBe(true);
  });

  test('numbers count from ISS and IRS', () => {
    const own = basesOf(timeline, CLIENT, 1);
    const other = basesOf(timeline, SERVER, served);
    expect(own.iss).toBe(other.irs);
    expect(own.irs).toBe(other.iss);
    const fin = timeline.length - 5;
    const text = describeEvent(timeline.event(fin), timeline.header, {
      conn: served,
      bases: other,
    });
    expect(text).toBe(`server#${served} < FIN,ACK seq 1001 ack 1`);
  });
});

describe('a client that closes first, with a FIN lost', () => {
  const timeline = clientFirst();
  const served = timeline.biography(CLIENT, 1)?.peerConn ?? 0;

  test('is told from both ends', () => {
    expect(closingOf(timeline, CLIENT, 1).first).toBe('this');
    expect(closingOf(timeline, SERVER, served).first).toBe('peer');
    expect(closingOf(timeline, SERVER, served).timeWait).toEqual([{ host: CLIENT, conn: 1 }]);
  });

  test('the loss is marked where the segment departs', () => {
    const { rows } = ladderOf(timeline, CLIENT, 1, 0, 1_000);
    const lost = rows.filter((row) => row.lost);
    expect(lost.map(({ kind, side }) => `${kind} ${side}`)).toEqual(['depart right']);
  });

  test('an unopened end is CLOSED and has no timer', () => {
    expect(findConn(timeline.at(0), CLIENT, 1)).toBeUndefined();
    expect(stateOf(timeline.at(0), CLIENT, 1)).toBe('CLOSED');
    expect(nextTimer(undefined)).toBeUndefined();
    const last = findConn(timeline.at(timeline.length - 1), CLIENT, 1);
    expect(nextTimer(last)?.timer).toBe('TIME-WAIT');
  });

  test('every event has a line and an explanation', () => {
    for (let n = 0; n < timeline.length; n += 1) {
      expect(describeEvent(timeline.event(n), timeline.header)).not.toContain('undefined');
      const items = explainEvent(timeline, n);
      expect(items.length).toBeGreaterThan(1);
      expect(items.map((item) => item.text).join()).not.toMatch(/undefined|NaN/);
    }
  });
});

describe('many connections', () => {
  const timeline = churn(200);

  test('a life is the same whether each event is looked at or they are halved', () => {
    const opener = timeline.biography(CLIENT, 1);
    const events = timeline.eventsOf(CLIENT, 1);
    expect(opener).toBeDefined();
    const each = lifeOf(timeline, CLIENT, 1);
    // The same events many times over, as a long transfer has between two changes.
    const long = events.flatMap((n) => {
      const changed = each.some((step) => step.n === n);
      return changed ? [n] : new Array<number>(300).fill(n);
    });
    const longer = { ...timeline, eventsOf: () => long };
    expect(long.length).toBeGreaterThan(200);
    expect(lifeOf(longer, CLIENT, 1)).toEqual(each);
    const listener = lifeOf(timeline, SERVER, 1);
    expect(timeline.eventsOf(SERVER, 1).length).toBeGreaterThan(200);
    expect(listener.map((step) => step.after)).toEqual(['LISTEN']);
  });

  test('the counts are those of the tables', () => {
    for (const n of [0, 500, 1_500, timeline.length]) {
      const snapshot = timeline.at(n);
      const counts = countStates(snapshot);
      expect(counts.map((count) => count.state)).toEqual(STATES);
      for (const { state, total, byHost } of counts) {
        expect(byHost.reduce((sum, one) => sum + one, 0)).toBe(total);
        expect(countState(snapshot, state)).toBe(total);
      }
      const held = snapshot.hosts.flatMap((host) => [
        ...[...host.conns.values()].map((tcb) => tcb.state),
        ...[...host.timeWaits.values()].map(() => 'TIME-WAIT'),
      ]);
      expect(counts.reduce((sum, { total }) => sum + total, 0)).toBe(held.length);
      expect(countState(snapshot, 'TIME-WAIT')).toBe(
        held.filter((state) => state === 'TIME-WAIT').length,
      );
    }
  });

  test('counts tell whether any state changed', () => {
    expect(sameCounts(timeline.at(10), timeline.at(10))).toBe(true);
    expect(sameCounts(timeline.at(0), timeline.at(1_000))).toBe(false);
  });

  test('the port space adds up, and TIME-WAIT has its share of it', () => {
    let n = timeline.length;
    while (countState(timeline.at(n), 'TIME-WAIT') === 0) n -= 50;
    const [space] = portSpaces(timeline.at(n).hosts);
    expect(space).toBeDefined();
    if (space === undefined) return;
    expect(space.remotePort).toBe(80);
    expect(space.used + space.free).toBe(space.size);
    expect(space.inTimeWait).toBe(countState(timeline.at(n), 'TIME-WAIT', space.host));
    expect(space.inTimeWait).toBeLessThanOrEqual(space.used);
  });

  test('what TIME-WAIT holds is the same, wherever counting came from', () => {
    let waiting: ReturnType<typeof waitingPorts> | undefined;
    for (const share of [0.3, 0.9, 0.5, 0.51, 0, 1, 0.7]) {
      const snapshot = timeline.at(Math.floor(share * timeline.length));
      const { hosts } = snapshot;
      waiting = waitingPorts(hosts, waiting);
      expect(portSpaces(hosts, waiting)).toEqual(portSpaces(hosts));
      const held = portSpaces(hosts, waiting).reduce((sum, one) => sum + one.inTimeWait, 0);
      // All of them connected from ephemeral ports.
      expect(held).toBe(countState(snapshot, 'TIME-WAIT'));
    }
  });
});
