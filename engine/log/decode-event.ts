/** One line of a log that is neither its first nor its last: an event, from its JSON. */
import { unreachable } from '../base/assert.ts';
import type { LinkRules } from '../network/topology.ts';
import type { SocketOptions } from '../tcp/tcb.ts';
import { TIMERS } from '../tcp/timers.ts';
import type { Call, EventKind, LogEvent } from './event.ts';
import {
  choiceAt,
  endpointAddress,
  endpointPort,
  flagAt,
  type Json,
  onlyFields,
  seqAt,
  textAt,
  wholeAt,
} from './fields.ts';
import { type ConnRef, connAt, type HostNames, hostAt } from './names.ts';
import { Malformed, show } from './problem.ts';
import { segmentAt } from './segment-text.ts';
import { readShape } from './shape.ts';
import { knobsAt, LINK_RULES, SOCKET_OPTIONS } from './shapes.ts';

const FIELDS: Readonly<Record<EventKind, ReadonlySet<string>>> = {
  call: new Set(),
  arrive: fields('host', 'n', 'seg'),
  lose: fields('n'),
  inject: fields('host', 'seg'),
  timer: fields('host', 'conn', 'timer'),
  knob: fields('host', 'knobs'),
  link: fields('a', 'b', 'rules'),
  crash: fields('host'),
  restart: fields('host'),
  observe: fields('host', 'seg'),
  wake: fields('process'),
  icmp: fields('host', 'hard', 'what', 'local', 'remote', 'seq'),
};

const CALL_FIELDS: Readonly<Record<Call['call'], ReadonlySet<string>>> = {
  OPEN: call('mode', 'to', 'from', 'backlog', 'iss', 'nowait', 'options'),
  ACCEPT: call(),
  SEND: call('bytes', 'urgent'),
  RECEIVE: call('bytes'),
  CLOSE: call('how'),
  ABORT: call(),
  STATUS: call(),
  SET: call('options'),
};

const KINDS = Object.keys(FIELDS) as EventKind[];
const CALLS = Object.keys(CALL_FIELDS) as Call['call'][];

function fields(...names: string[]): ReadonlySet<string> {
  return new Set(['t', 'ev', ...names, 'inferred']);
}

function call(...names: string[]): ReadonlySet<string> {
  return fields('host', 'conn', 'process', 'call', ...names);
}

/** The event of a line. `after`: the time of the event before it. */
export function eventAt(json: Json, names: HostNames, after: number): LogEvent {
  const ev = choiceAt(json['ev'], KINDS, 'ev');
  const t = timeAt(json['t'], after);
  if (ev !== 'call') onlyFields(json, FIELDS[ev], '');
  const event = bodyAt(ev, t, json, names);
  const { inferred } = json;
  if (inferred === undefined) return event;
  if (inferred !== true) throw new Malformed('inferred', 'true or no such field', show(inferred));
  return { ...event, inferred };
}

function timeAt(value: unknown, after: number): number {
  const t = wholeAt(value, 't');
  if (t >= after) return t;
  throw new Malformed('t', `a time not before ${after}, that of the event before`, show(t));
}

function bodyAt(ev: EventKind, t: number, json: Json, names: HostNames): LogEvent {
  switch (ev) {
    case 'call':
      return callEventAt(t, json, names);
    case 'arrive': {
      const n = json['n'];
      const host = hostAt(json['host'], names, 'host');
      return {
        t,
        ev,
        host,
        n: n === undefined ? -1 : wholeAt(n, 'n'),
        seg: segmentAt(json['seg'], names),
      };
    }
    case 'lose':
      return { t, ev, n: wholeAt(json['n'], 'n') };
    case 'inject':
    case 'observe':
      return {
        t,
        ev,
        host: hostAt(json['host'], names, 'host'),
        seg: segmentAt(json['seg'], names),
      };
    case 'timer': {
      const { host, conn } = whoAt(json, names);
      return { t, ev, host, conn, timer: choiceAt(json['timer'], TIMERS, 'timer') };
    }
    case 'knob': {
      const host = hostAt(json['host'], names, 'host');
      return { t, ev, host, knobs: knobsAt(json['knobs'], 'knobs') };
    }
    case 'link': {
      const rules = readShape(LINK_RULES, json['rules'], 'rules', true) as Partial<LinkRules>;
      return { t, ev, a: hostAt(json['a'], names, 'a'), b: hostAt(json['b'], names, 'b'), rules };
    }
    case 'crash':
    case 'restart':
      return { t, ev, host: hostAt(json['host'], names, 'host') };
    case 'wake':
      return { t, ev, process: wholeAt(json['process'], 'process') };
    case 'icmp':
      return icmpAt(t, json, names);
    default:
      return unreachable(ev);
  }
}

/** `conn` names host and connection; `host` alone is written where there is no connection. */
function whoAt(json: Json, names: HostNames): ConnRef {
  const { host, conn } = json;
  if (conn === undefined) return { host: hostAt(host, names, 'host'), conn: 0 };
  if (host === undefined) return connAt(conn, names, 'conn');
  throw new Malformed('host', 'either host or conn', 'both');
}

function callEventAt(t: number, json: Json, names: HostNames): LogEvent {
  const kind = choiceAt(json['call'], CALLS, 'call');
  onlyFields(json, CALL_FIELDS[kind], '');
  const { host, conn } = whoAt(json, names);
  const process = json['process'] === undefined ? -1 : wholeAt(json['process'], 'process');
  return { t, ev: 'call', host, conn, process, call: callAt(kind, json) };
}

function callAt(kind: Call['call'], json: Json): Call {
  switch (kind) {
    case 'OPEN':
      return openAt(json);
    case 'SEND': {
      const { urgent } = json;
      const bytes = wholeAt(json['bytes'], 'bytes');
      return { call: kind, bytes, urgent: urgent === undefined ? false : flagAt(urgent, 'urgent') };
    }
    case 'RECEIVE':
      return { call: kind, bytes: wholeAt(json['bytes'], 'bytes') };
    case 'CLOSE':
      return { call: kind, how: choiceAt(json['how'], ['write', 'read', 'both'], 'how') };
    case 'SET':
      return { call: kind, options: socketOptionsAt(json['options']) };
    case 'ACCEPT':
    case 'ABORT':
    case 'STATUS':
      return { call: kind };
    default:
      return unreachable(kind);
  }
}

function socketOptionsAt(value: unknown): Partial<SocketOptions> {
  return readShape(SOCKET_OPTIONS, value, 'options', true) as Partial<SocketOptions>;
}

function openAt(json: Json): Call {
  const { to, from, backlog, iss, nowait, options } = json;
  const toText = to === undefined ? ':0' : textAt(to, 'to');
  const fromText = from === undefined ? ':0' : textAt(from, 'from');
  return {
    call: 'OPEN',
    mode: choiceAt(json['mode'], ['active', 'passive'], 'mode'),
    to: endpointAddress(toText, 'to'),
    toPort: endpointPort(toText, 'to'),
    from: endpointAddress(fromText, 'from'),
    fromPort: endpointPort(fromText, 'from'),
    backlog: backlog === undefined ? -1 : wholeAt(backlog, 'backlog'),
    iss: iss === undefined ? -1 : seqAt(iss, 'iss'),
    nowait: nowait === undefined ? false : flagAt(nowait, 'nowait'),
    ...(options === undefined ? {} : { options: socketOptionsAt(options) }),
  };
}

function icmpAt(t: number, json: Json, names: HostNames): LogEvent {
  const local = textAt(json['local'], 'local');
  const remote = textAt(json['remote'], 'remote');
  return {
    t,
    ev: 'icmp',
    host: hostAt(json['host'], names, 'host'),
    hard: flagAt(json['hard'], 'hard'),
    what: textAt(json['what'], 'what'),
    local: endpointAddress(local, 'local'),
    localPort: endpointPort(local, 'local'),
    remote: endpointAddress(remote, 'remote'),
    remotePort: endpointPort(remote, 'remote'),
    seq: seqAt(json['seq'], 'seq'),
  };
}
