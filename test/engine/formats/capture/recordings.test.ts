// Recordings of real stacks: the fixtures against what tshark reads in them, and the whole data set
// beside the checkout, where it is there, against what its other files say.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type DecodedCapture,
  decodeCapture,
  decodePackets,
  describeContents,
  readCapture,
  type TcpFrame,
} from '../../../../engine/formats/capture/index.ts';
import { FIN, flagsOf, type Segment } from '../../../../engine/tcp/segment.ts';
import { pcapFile } from './files.ts';

const fixtures = new URL('../../../fixtures/captures/', import.meta.url);
const dataset = new URL('../../../../../shared/captures/', import.meta.url);

function decode(bytes: Uint8Array): DecodedCapture {
  const result = decodeCapture(bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.decoded;
}

describe('fixtures hold what tshark reads in them', () => {
  test.each([
    'a_client_closes_first_veth.pcapng',
    'c_simultaneous_open.pcap',
    'd_close_in_syn_sent.pcap',
    'd_icmp_port_unreachable.pcapng',
    'g_data_reordered.pcapng',
  ])('%s', (name) => {
    const bytes = readFileSync(new URL(name, fixtures));
    const read = readCapture(bytes);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const stamps = read.capture.packets.map(({ time_us, rest_ns }) => {
      const micros = `${time_us % 1_000_000}`.padStart(6, '0');
      const nanos = `${rest_ns}`.padStart(3, '0');
      return `${Math.floor(time_us / 1_000_000)}.${micros}${nanos}`;
    });
    const { frames } = decodePackets(read.capture);
    const isPcapng = read.capture.format === 'pcapng';
    const lines = frames.map((frame) => {
      const stamp = stamps[frame.frame - 1] ?? '';
      return [frame.frame, isPcapng ? frame.interface : '', stamp, ...fieldsOf(frame)].join('\t');
    });
    const table = readFileSync(new URL(name.replace(/\.pcap.*/, '.tsv'), fixtures), 'utf8');
    expect(lines).toEqual(table.trimEnd().split('\n').slice(1).map(padFields));
  });

  function fieldsOf({ segment: s }: TcpFrame): (string | number)[] {
    const edges = s.sack ?? [];
    return [
      ...[s.src, s.srcPort, s.dst, s.dstPort, `0x${s.flags.toString(16).padStart(4, '0')}`],
      ...[s.seq, s.ack, s.wnd, s.up, s.len, s.mss || '', s.wscale < 0 ? '' : s.wscale],
      ...(s.ts ? [s.tsVal, s.tsEcr] : ['', '']),
      edges.filter((_, index) => index % 2 === 0).join(','),
      edges.filter((_, index) => index % 2 === 1).join(','),
    ];
  }

  /** The last line has lost the tabs of its empty fields. */
  function padFields(line: string): string {
    return line + '\t'.repeat(18 - (line.match(/\t/g)?.length ?? 0));
  }
});

describe('a capture', () => {
  test('tells ICMP errors, times from the first packet and what it left out', () => {
    const decoded = decode(readFileSync(new URL('d_icmp_port_unreachable.pcapng', fixtures)));
    expect(decoded.epoch_us).toBe(44_831);
    expect(decoded.interfaces.map(({ name }) => name)).toEqual(['client', 'server']);
    expect(decoded.frames.map(({ time }) => time)).toEqual([0, 10_151]);
    const quoted = { src: '10.77.0.1', dst: '10.77.0.2', srcPort: 54_218, dstPort: 8080 };
    const error = {
      ...{ version: 4, src: '10.77.0.2', dst: '10.77.0.1', type: 3, code: 3, mtu: 0 },
      quoted: { ...quoted, seq: 3_247_097_340 },
    };
    expect(decoded.icmp).toEqual([
      { time: 10_423, frame: 3, interface: 1, error },
      { time: 20_515, frame: 4, interface: 0, error },
    ]);
    expect(decoded.skipped).toEqual([]);
    expect(describeContents(decoded)).toBe(
      'the capture holds 4 packets: 2 TCP, 2 ICMP errors about TCP',
    );
  });

  test('without TCP says what it does hold', () => {
    const udp = Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 10, 0, 0, 1, 10, 0, 0, 2);
    const packets = [
      { data: Uint8Array.of(0x55) },
      { data: Uint8Array.from([...udp, 0, 0]) },
      { data: Uint8Array.from([...udp, 0, 0]) },
    ];
    const decoded = decode(pcapFile(packets));
    expect(decoded.frames).toEqual([]);
    expect(describeContents(decoded)).toBe(
      'the capture holds 3 packets: 2 UDP (not TCP), 1 IP version 5 (not IP)',
    );
    expect(describeContents(decode(pcapFile([])))).toBe('the capture holds no packets');
  });

  test('of packets out of order has its start at the earliest', () => {
    const data = Uint8Array.of(0x45);
    const decoded = decode(
      pcapFile([
        { seconds: 5, data },
        { seconds: 3, fraction: 9, data },
      ]),
    );
    expect(decoded.epoch_us).toBe(3_000_009);
  });
});

/** Where the data set is absent this says so instead of passing in silence. */
const place = existsSync(dataset) ? 'beside the checkout' : 'absent: ../shared/captures not found';

describe.runIf(existsSync(dataset))(`the data set (${place})`, () => {
  const scenarios = existsSync(dataset) ? readdirSync(dataset) : [];
  const captures = scenarios.flatMap((scenario) => {
    const plain = new URL(`${scenario}/capture.pcapng`, dataset);
    const packed = new URL(`${scenario}/capture.pcapng.gz`, dataset);
    if (existsSync(plain)) return [{ scenario, load: () => readFileSync(plain) }];
    if (existsSync(packed)) return [{ scenario, load: () => gunzipSync(readFileSync(packed)) }];
    return [];
  });

  test('every capture decodes whole, and is TCP and errors about it', () => {
    expect(captures.length).toBeGreaterThan(80);
    for (const { scenario, load } of captures) {
      const decoded = decode(load());
      const rest = { skipped: decoded.skipped, notes: decoded.notes, cut: decoded.truncated };
      expect({ scenario, ...rest }).toEqual({ scenario, skipped: [], notes: [], cut: undefined });
      expect(decoded.frames.length).toBeGreaterThan(0);
    }
  });

  test('every forged segment is in its capture', () => {
    const forged = captures.flatMap(({ scenario, load }) => {
      const calls: Call[] = JSON.parse(
        readFileSync(new URL(`${scenario}/calls.json`, dataset), 'utf8'),
      );
      const injected = calls.filter(({ event }) => event === 'inject');
      if (injected.length === 0) return [];
      const segments = decode(load()).frames.map(({ segment }) => segment);
      return injected.map((call) => ({ scenario, call, found: segments.some(matches(call)) }));
    });
    expect(forged.length).toBeGreaterThan(15);
    expect(forged.filter(({ found }) => !found)).toEqual([]);
  });

  test('every segment the kernel dropped is in its capture', () => {
    let checked = 0;
    for (const { scenario, load } of captures) {
      const states = new URL(`${scenario}/states.jsonl`, dataset);
      if (!existsSync(states)) continue;
      const lines = readFileSync(states, 'utf8').trimEnd().split('\n');
      const drops: Drop[] = lines
        .filter((l) => l.includes('"ev":"drop"'))
        .map((l) => JSON.parse(l));
      if (drops.length === 0) continue;
      const segments = decode(load()).frames.map(({ segment }) => segment);
      for (const { from, to, ...drop } of drops) {
        const dropped = matches({ ...drop, src: from, dst: to });
        expect({ scenario, drop, found: segments.some(dropped) }).toMatchObject({ found: true });
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(100);
  });

  test('200,000 packets decode, with every FIN', () => {
    const { load } = captures.find((c) => c.scenario === 'i_20000_client_first_captured') ?? {};
    if (load === undefined) throw new Error('no capture of 20,000 connections');
    const { frames } = decode(load());
    expect(frames.length).toBe(200_000);
    // 20,000 connections, each closed from both sides.
    expect(frames.filter(({ segment }) => segment.flags & FIN).length).toBe(40_000);
  });
});

type Forged = { src: string; dst: string; flags: string; seq: number; ack: number; len: number };
type Call = Forged & { event?: string };
type Drop = Omit<Forged, 'src' | 'dst'> & { from: string; to: string };

function matches({ src, dst, flags, seq, ack, len }: Forged): (segment: Segment) => boolean {
  const bits = flagsOf(flags.replace('A', '.'));
  return (s) =>
    `${s.src}:${s.srcPort}` === src &&
    `${s.dst}:${s.dstPort}` === dst &&
    s.flags === bits &&
    s.seq === seq &&
    s.ack === ack &&
    s.len === len;
}
