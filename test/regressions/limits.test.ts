/**
 * Where numbers grow large: hosts beyond those that a stream's number can tell shared one with
 * another host; half of a delay of more than 35 minutes was negative; the addresses that hosts are
 * given ended at 10.0.0.255; the last slice of a chart over very large times ended before its end.
 */
import { expect, it } from 'vitest';
import { churn } from '../../engine/experiments/workload.ts';
import { decodeLog, encodeLog } from '../../engine/log/codec.ts';
import { scenario } from '../../engine/simulation/scenario.ts';
import { simulate } from '../../engine/simulation/simulate.ts';
import { steps } from '../../engine/simulation/steps.ts';
import { HOSTS_MAX } from '../../engine/tcp/segment.ts';
import { STATES } from '../../engine/tcp/states.ts';
import { countEvent, createStatistics, seriesOf } from '../../engine/timeline/statistics.ts';

const info = { title: 'Large', about: '' };

it('a network of more hosts than there are numbers for is refused', () => {
  let made = scenario(info);
  for (let i = 0; i < HOSTS_MAX; i += 1) made = made.host(`h${i}`);
  expect(() => made.host('more')).toThrow("host 'more': there are at most 4096 hosts");
  const header = made.build();
  const more = { name: 'more', addresses: [], profile: 'linux', knobs: {} };
  const text = [...encodeLog({ ...header, hosts: [...header.hosts, more] }, [], undefined)].join(
    '',
  );
  const decoded = decodeLog(text);
  expect(decoded).toMatchObject({
    ok: false,
    error: { field: 'hosts', expected: 'at most 4096 hosts', found: '4097' },
  });
});

it('every host is given an address of its own, however many there are', () => {
  const { hosts } = churn({ rate: 10, connections: 600, clients: 600 }).build();
  const addresses = hosts.map((host) => host.addresses[0]);
  expect(new Set(addresses).size).toBe(601);
  expect(addresses.slice(252, 256)).toEqual([
    ...['10.0.0.253', '10.0.0.254', '10.0.1.1', '10.0.1.2'],
  ]);
});

it('what is lost on a link of 40 minutes is lost half-way', () => {
  const { connect, listen, serve } = steps;
  const header = scenario(info)
    .host('a')
    .host('b')
    .link('a', 'b', { delay: '40m', loss: 1 })
    .app('b', [listen(80), serve([])])
    .app('a', [connect('b', 80)])
    .build();
  const times = (kind: string) =>
    [...simulate(header)].filter(({ ev }) => ev === kind).map(({ t }) => t);
  const sent = times('call').at(-1) as number;
  expect(times('lose')[0]).toBe(sent + 20 * 60 * 1_000_000);
});

it('the last slice of a chart has the last event, whatever its time', () => {
  const end = 1_700_000_001_234_567;
  for (let columns = 1; columns <= 100; columns += 1) {
    const s = createStatistics(1);
    const states = STATES.map((_, i) => (i === 3 ? 5 : 0));
    countEvent(s, end, [{ index: 0, states, recounted: 1 << 3 }]);
    expect(seriesOf(s, 0, 3, columns, 0, end).at(-1)).toBe(5);
  }
});

it('a segment without an address is refused', () => {
  const [header] = encodeLog(scenario(info).host('a').build(), [], undefined);
  const seg = { src: ':80', dst: '10.0.0.1:80', flags: 'S', seq: 1 };
  const decoded = decodeLog(`${header}${JSON.stringify({ t: 0, ev: 'inject', host: 'a', seg })}\n`);
  expect(decoded).toMatchObject({ ok: false, error: { field: 'seg.src', found: '":80"' } });
});
