/**
 * A segment in a log: `{"src":"10.0.0.1:40000","dst":"10.0.0.2:80","flags":"S","seq":1000,
 * "wnd":65535,"opt":{"mss":1460}}`. Endpoints, flags and the number always stand there; every
 * other field only where it differs from that of a bare segment.
 */
import { formatEndpoint } from '../base/address.ts';
import { flagsOf, flagsText, type Segment } from '../tcp/segment.ts';
import {
  endpointAddress,
  endpointPort,
  flagAt,
  type Json,
  listAt,
  objectAt,
  onlyFields,
  portAt,
  seqAt,
  textAt,
  wholeAt,
} from './fields.ts';
import { type HostNames, payloadAt, payloadText } from './names.ts';
import { Malformed, show } from './problem.ts';

/** Sets of flags by number and by text: there are 256 of them, and they stand in every line. */
const FLAG_TEXTS: readonly string[] = Array.from({ length: 256 }, (_, flags) => flagsText(flags));
const FLAGS_BY_TEXT = new Map(FLAG_TEXTS.map((text, flags) => [text, flags]));

/** The JSON of a segment. `list`: the names of the log's hosts. */
export function segmentText(seg: Segment, list: readonly string[]): string {
  let text = `{"src":"${formatEndpoint(seg.src, seg.srcPort)}"`;
  text += `,"dst":"${formatEndpoint(seg.dst, seg.dstPort)}"`;
  text += `,"flags":"${FLAG_TEXTS[seg.flags]}","seq":${seg.seq}`;
  if (seg.ack !== 0) text += `,"ack":${seg.ack}`;
  if (seg.wnd !== 0) text += `,"wnd":${seg.wnd}`;
  if (seg.up !== 0) text += `,"up":${seg.up}`;
  if (seg.len !== 0 || seg.from !== 0 || seg.stream !== -1) {
    text += `,"text":${JSON.stringify(payloadText(list, seg.stream, seg.from, seg.len))}`;
  }
  return `${text}${optionsText(seg)}}`;
}

function optionsText(seg: Segment): string {
  let text = '';
  if (seg.mss !== 0) text += `,"mss":${seg.mss}`;
  if (seg.wscale !== -1) text += `,"wscale":${seg.wscale}`;
  if (seg.sackOk) text += ',"sackOk":true';
  if (seg.ts) text += `,"ts":[${seg.tsVal},${seg.tsEcr}]`;
  if (seg.sack !== null) text += `,"sack":[${seg.sack.join(',')}]`;
  return text === '' ? '' : `,"opt":{${text.slice(1)}}`;
}

const FIELDS = new Set(['src', 'dst', 'flags', 'seq', 'ack', 'wnd', 'up', 'text', 'opt']);
const OPTIONS = new Set(['mss', 'wscale', 'sackOk', 'ts', 'sack']);
const NO_OPTION: Json = {};
const NO_TEXT = { stream: -1, from: 0, len: 0 } as const;

/** A segment leaves no address open. */
function addressOf(text: string, path: string): string {
  const address = endpointAddress(text, path);
  if (address !== '') return address;
  throw new Malformed(path, 'an address before the port', show(text));
}

/** The segment that stands at `path`, which ends in nothing: `seg`. */
export function segmentAt(value: unknown, names: HostNames): Segment {
  const json = objectAt(value, 'seg');
  onlyFields(json, FIELDS, 'seg');
  const src = textAt(json['src'], 'seg.src');
  const dst = textAt(json['dst'], 'seg.dst');
  const { ack, wnd, up, text, opt: options } = json;
  const payload = text === undefined ? NO_TEXT : payloadAt(text, names, 'seg.text');
  const opt = options === undefined ? NO_OPTION : objectAt(options, 'seg.opt');
  if (opt !== NO_OPTION) onlyFields(opt, OPTIONS, 'seg.opt');
  const { mss, wscale, sackOk, ts, sack } = opt;
  const stamps = ts === undefined ? undefined : stampsAt(ts);
  return {
    src: addressOf(src, 'seg.src'),
    dst: addressOf(dst, 'seg.dst'),
    srcPort: endpointPort(src, 'seg.src'),
    dstPort: endpointPort(dst, 'seg.dst'),
    seq: seqAt(json['seq'], 'seg.seq'),
    ack: ack === undefined ? 0 : seqAt(ack, 'seg.ack'),
    flags: flagsAt(json['flags']),
    wnd: wnd === undefined ? 0 : portAt(wnd, 'seg.wnd'),
    up: up === undefined ? 0 : portAt(up, 'seg.up'),
    len: payload.len,
    stream: payload.stream,
    from: payload.from,
    mss: mss === undefined ? 0 : portAt(mss, 'seg.opt.mss'),
    wscale: wscale === undefined ? -1 : wholeAt(wscale, 'seg.opt.wscale', 0, 255),
    sackOk: sackOk === undefined ? false : flagAt(sackOk, 'seg.opt.sackOk'),
    ts: stamps !== undefined,
    tsVal: stamps?.[0] ?? 0,
    tsEcr: stamps?.[1] ?? 0,
    sack: sack === undefined ? null : blocksAt(sack),
  };
}

function flagsAt(value: unknown): number {
  const flags = FLAGS_BY_TEXT.get(value as string) ?? flagsOf(textAt(value, 'seg.flags'));
  if (flags !== undefined) return flags;
  throw new Malformed('seg.flags', 'letters of SFRPUEW. or a single -', show(value));
}

function stampsAt(value: unknown): readonly [number, number] {
  const list = listAt(value, 'seg.opt.ts');
  if (list.length !== 2) throw new Malformed('seg.opt.ts', '[TSval, TSecr]', show(value));
  return [seqAt(list[0], 'seg.opt.ts'), seqAt(list[1], 'seg.opt.ts')];
}

function blocksAt(value: unknown): readonly number[] {
  const list = listAt(value, 'seg.opt.sack');
  if (list.length % 2 !== 0) {
    throw new Malformed('seg.opt.sack', 'pairs of edges, left and right', show(value));
  }
  return list.map((edge) => seqAt(edge, 'seg.opt.sack'));
}
