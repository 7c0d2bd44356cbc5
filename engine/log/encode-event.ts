/**
 * Events as lines of JSON, written by hand in one fixed order of fields: the same value gives the
 * same bytes, and a log of a million events is written about as fast as a disk takes it. Values
 * that go without saying are left out; decode-event.ts puts them back.
 */
import { formatEndpoint } from '../base/address.ts';
import { unreachable } from '../base/assert.ts';
import type { SocketOptions } from '../tcp/tcb.ts';
import type { Call, IcmpEvent, LogEvent } from './event.ts';
import type { LogHeader } from './header.ts';
import { segmentText } from './segment-text.ts';
import { writeShape } from './shape.ts';
import { KNOB_VALUES, LINK_RULES, SOCKET_OPTIONS } from './shapes.ts';

/** Hosts by name: as they stand in a connection's reference, and quoted. */
type Names = { readonly list: readonly string[]; readonly quoted: readonly string[] };

/** Lines of the events of one log, each without its end of line. */
export function createEventEncoder(header: Pick<LogHeader, 'hosts'>): (event: LogEvent) => string {
  const list = header.hosts.map((host) => host.name);
  const names = { list, quoted: list.map((name) => JSON.stringify(name)) };
  return (event) => {
    const inferred = event.inferred ? ',"inferred":true}' : '}';
    return `{"t":${event.t},"ev":"${event.ev}"${fieldsText(event, names)}${inferred}`;
  };
}

function fieldsText(event: LogEvent, names: Names): string {
  const { list, quoted } = names;
  switch (event.ev) {
    case 'arrive': {
      const n = event.n === -1 ? '' : `,"n":${event.n}`;
      return `,"host":${quoted[event.host]}${n},"seg":${segmentText(event.seg, list)}`;
    }
    case 'call': {
      const process = event.process === -1 ? '' : `,"process":${event.process}`;
      return `${whoText(event.host, event.conn, names)}${process}${callText(event.call)}`;
    }
    case 'timer':
      return `${whoText(event.host, event.conn, names)},"timer":"${event.timer}"`;
    case 'lose':
      return `,"n":${event.n}`;
    case 'inject':
    case 'observe':
      return `,"host":${quoted[event.host]},"seg":${segmentText(event.seg, list)}`;
    case 'wake':
      return `,"process":${event.process}`;
    case 'knob': {
      const knobs = JSON.stringify(writeShape(KNOB_VALUES, event.knobs, true));
      return `,"host":${quoted[event.host]},"knobs":${knobs}`;
    }
    case 'link': {
      const rules = JSON.stringify(writeShape(LINK_RULES, event.rules, true));
      return `,"a":${quoted[event.a]},"b":${quoted[event.b]},"rules":${rules}`;
    }
    case 'crash':
    case 'restart':
      return `,"host":${quoted[event.host]}`;
    case 'icmp':
      return `,"host":${quoted[event.host]}${icmpText(event)}`;
    default:
      return unreachable(event);
  }
}

/** A connection, or the host alone where there is none yet. */
function whoText(host: number, conn: number, names: Names): string {
  if (conn === 0) return `,"host":${names.quoted[host]}`;
  return `,"conn":${JSON.stringify(`${names.list[host]}#${conn}`)}`;
}

function callText(call: Call): string {
  const text = `,"call":"${call.call}"`;
  switch (call.call) {
    case 'OPEN':
      return `${text}${openText(call)}`;
    case 'SEND':
      return `${text},"bytes":${call.bytes}${call.urgent ? ',"urgent":true' : ''}`;
    case 'RECEIVE':
      return `${text},"bytes":${call.bytes}`;
    case 'CLOSE':
      return `${text},"how":"${call.how}"`;
    case 'SET':
      return `${text}${optionsText(call.options)}`;
    case 'ACCEPT':
    case 'ABORT':
    case 'STATUS':
      return text;
    default:
      return unreachable(call);
  }
}

function optionsText(options: Partial<SocketOptions>): string {
  return `,"options":${JSON.stringify(writeShape(SOCKET_OPTIONS, options, true))}`;
}

function openText(open: Call & { call: 'OPEN' }): string {
  let text = `,"mode":"${open.mode}"${endpointText('to', open.to, open.toPort)}`;
  text += endpointText('from', open.from, open.fromPort);
  if (open.backlog !== -1) text += `,"backlog":${open.backlog}`;
  if (open.iss !== -1) text += `,"iss":${open.iss}`;
  if (open.nowait) text += ',"nowait":true';
  if (open.options !== undefined) text += optionsText(open.options);
  return text;
}

/** Left out where it says nothing; an address left open is empty: `":80"`. */
function endpointText(field: string, address: string, port: number): string {
  if (address === '' && port === 0) return '';
  return `,"${field}":"${formatEndpoint(address, port)}"`;
}

function icmpText(event: IcmpEvent): string {
  const local = formatEndpoint(event.local, event.localPort);
  const remote = formatEndpoint(event.remote, event.remotePort);
  const what = JSON.stringify(event.what);
  const ends = `"local":"${local}","remote":"${remote}"`;
  return `,"hard":${event.hard},"what":${what},${ends},"seq":${event.seq}`;
}
