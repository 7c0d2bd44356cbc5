/**
 * The parser: text to {@link Script}. Blanks and ends of lines only separate; an event begins with
 * its time.
 */
import type { Micros } from '../../base/time.ts';
import type {
  Command,
  IpVersion,
  Parsed,
  Script,
  ScriptEvent,
  ScriptOptions,
  When,
} from './ast.ts';
import { parseAssertions } from './parse-assert.ts';
import { parseCall } from './parse-call.ts';
import { parseSegment } from './parse-segment.ts';
import {
  atEnd,
  expectText,
  fail,
  foundAt,
  missing,
  placeOf,
  prepare,
  type Scanner,
  Stop,
  sees,
  skipBlanks,
  take,
  takeText,
} from './scan.ts';

/** Reads a script; `defines` are the names for `#ifdef`. */
export function parseScript(source: string, defines: Iterable<string> = []): Parsed {
  let text = source;
  try {
    text = prepare(source, new Set(defines));
    return { kind: 'script', script: parseWhole({ text, at: 0 }) };
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    const place = placeOf(source, stop.at);
    if (stop.missing !== '') return { kind: 'missing', place, what: stop.missing };
    return { kind: 'error', place, expected: stop.expected, found: foundAt(text, stop.at) };
  }
}

function parseWhole(s: Scanner): Script {
  const options = parseOptions(s);
  const before = parseCommand(s);
  const events: ScriptEvent[] = [];
  let after: Command | null = null;
  while (!atEnd(s)) {
    if (after !== null) fail(s, 'the end of the script');
    if (sees(s, '`')) after = parseCommand(s);
    else events.push(parseEvent(s));
  }
  return { options, before, events, after };
}

const OPTION = /--([a-z_]+)(?:=(\S*))?/y;
const IP_VERSIONS: readonly string[] = ['ipv4', 'ipv6', 'ipv4_mapped_ipv6'];

/** Known to packetdrill, and without a meaning here that a script could see. */
const WITHOUT_EFFECT = new Set(['mss', 'local_ip', 'remote_ip', 'gateway_ip', 'netmask_ip']);
const ELSEWHERE = new Set(
  `init_scripts send_omit_free wire_protocol_version non_fatal speed code_command code_format
   code_sockopt dry_run verbose debug tun_dev persistent_tun_dev udp_encaps so_filename`.split(
    /\s+/,
  ),
);

function parseOptions(s: Scanner): ScriptOptions {
  const options = {
    ip: 'ipv4' as IpVersion,
    tolerance_usecs: 4000,
    tolerance_percent: null as number | null,
    mtu: 1500,
    ts_tick_usecs: 0,
    bindPort: 8080,
    connectPort: 8080,
  };
  for (;;) {
    if (!sees(s, '--')) return options;
    const { at } = s;
    const found = take(s, OPTION);
    if (found === null) fail(s, 'an option such as --ip_version=ipv6');
    const [all, name = '', value = ''] = found;
    const number = numberOf(value);
    const wants = (max = Number.MAX_SAFE_INTEGER): number => {
      if (Number.isNaN(number) || number > max) {
        s.at = at + all.length - value.length;
        fail(s, `a number for --${name}`);
      }
      return number;
    };
    switch (name) {
      case 'ip_version':
        if (!IP_VERSIONS.includes(value)) {
          s.at = at + all.length - value.length;
          fail(s, `one of ${IP_VERSIONS.join(', ')}`);
        }
        options.ip = value as IpVersion;
        break;
      case 'tolerance_usecs':
        options.tolerance_usecs = wants();
        break;
      case 'tolerance_percent':
        options.tolerance_percent = wants();
        break;
      case 'mtu':
        options.mtu = wants(65_535);
        break;
      case 'tcp_ts_tick_usecs':
        options.ts_tick_usecs = wants();
        break;
      case 'bind_port':
        options.bindPort = wants(65_535);
        break;
      case 'connect_port':
        options.connectPort = wants(65_535);
        break;
      default:
        if (WITHOUT_EFFECT.has(name)) break;
        if (ELSEWHERE.has(name)) missing(at, `the option --${name}`);
        s.at = at;
        fail(s, 'an option of packetdrill, such as --ip_version or --tolerance_usecs');
    }
  }
}

function numberOf(text: string): number {
  return /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}

const BACKTICKS = /`([^`]*)`/y;

function parseCommand(s: Scanner): Command | null {
  if (!sees(s, '`')) return null;
  const place = placeOf(s.text, s.at);
  return { place, text: commandText(s) };
}

function commandText(s: Scanner): string {
  const found = take(s, BACKTICKS);
  if (found === null) {
    s.at = s.text.length;
    fail(s, "'`', the end of the command");
  }
  return found[1] ?? '';
}

/** Seconds. A point is not taken where three of them stand. */
const SECONDS = /\d+(?:\.(?!\.)\d*)?|\.\d+/y;

function takeTime(s: Scanner, what: string): { readonly relative: boolean; readonly at: Micros } {
  const relative = takeText(s, '+');
  const found = take(s, SECONDS);
  if (found === null) fail(s, what);
  return { relative, at: Math.round(Number(found[0]) * 1_000_000) };
}

function parseWhen(s: Scanner): When {
  if (takeText(s, '*')) return { kind: 'any' };
  const { relative, at } = takeTime(s, 'the time of an event, or the end of the script');
  if (takeText(s, '...')) {
    const end = takeTime(s, 'the time at which the call returns');
    return { kind: 'blocks', relative, at, until: end.at };
  }
  if (!takeText(s, '~')) return { kind: 'at', relative, at };
  const end = takeTime(s, 'the end of the range of time');
  return { kind: 'range', relative, at, until: end.at };
}

const CALL_NAME = /[a-z_]\w*(?=\s*\()/y;
const SPACES = /\s+/g;

function parseEvent(s: Scanner): ScriptEvent {
  skipBlanks(s);
  const place = placeOf(s.text, s.at);
  const { at: start } = s;
  const when = parseWhen(s);
  if ('until' in when && when.until < when.at) {
    s.at = start;
    fail(s, 'a range of time that does not end before it begins');
  }
  skipBlanks(s);
  const { at } = s;
  if (takeText(s, '>')) {
    if (when.kind === 'blocks') failAt(s, start, "'~' in the range of time of a segment");
    const segment = parseSegment(s, true);
    return { place, when, kind: 'expects', segment, text: written(s, at) };
  }
  if (when.kind === 'any' || when.kind === 'range') fail(s, "'>' after a time that is a range");
  if (takeText(s, '<')) {
    if (when.kind === 'blocks') failAt(s, start, 'a single time for a segment');
    return { place, when, kind: 'arrives', segment: parseSegment(s, false) };
  }
  if (take(s, CALL_NAME) !== null) {
    s.at = at;
    const call = parseCall(s);
    return { place, when, kind: 'call', call, text: written(s, at) };
  }
  if (when.kind === 'blocks') fail(s, 'a call after a range of time');
  if (sees(s, '`')) return { place, when, kind: 'command', text: commandText(s) };
  if (takeText(s, '%{')) {
    const assertions = parseAssertions(s);
    expectText(s, '}%');
    return { place, when, kind: 'assert', assertions };
  }
  return fail(s, "an event: '<', '>', a call, a `command` or %{ code }%");
}

function failAt(s: Scanner, at: number, expected: string): never {
  s.at = at;
  return fail(s, expected);
}

/** What was read since `at`, on one line. */
function written(s: Scanner, at: number): string {
  return s.text.slice(at, s.at).trim().replace(SPACES, ' ');
}
