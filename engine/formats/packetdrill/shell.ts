/**
 * The commands between backticks, interpreted and never run: sysctl, sockstat with grep, tcpdrop.
 * One that fails fails the script; one that is not known here makes it impossible to run.
 */

import type { Knobs } from '../../tcp/knobs.ts';
import { knobsOf, parseKnob } from '../../tcp/profiles.ts';
import type { State } from '../../tcp/states.ts';
import { Failed, Missing } from './failure.ts';
import { connections, perform, setKnobs } from './session.ts';
import { defaultKnobs, LOCAL, sysctl } from './settings.ts';
import type { Sockets } from './sockets.ts';

export type Shell = {
  readonly sockets: Sockets;
  readonly profile: string;
  readonly warnings: string[];
};

/** Words of a command; pipes and redirections apart. */
export function runCommands(sh: Shell, text: string): void {
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\n|;|&&/);
  for (const line of lines) {
    const command = line.replace(/(?:^|\s)#.*$/, '').trim();
    if (command !== '') runPipeline(sh, command);
  }
}

function runPipeline(sh: Shell, command: string): void {
  const plain = command.replace(/\s*(?:[12&]?>>?\s*\/dev\/null|2>&1)/g, '');
  const [first = '', ...filters] = plain.split('|').map((part) => part.trim());
  const words = wordsOf(first);
  if (words[0] === 'sudo') words.shift();
  const name = (words[0] ?? '').replace(/^.*\//, '');
  const args = words.slice(1);
  if (name === 'sockstat') {
    filterLines(sockstat(sh, args), filters, command);
    return;
  }
  if (filters.length > 0) throw new Missing(`the command ${command}`);
  runSimple(sh, name, args, command);
}

/** Words as a shell splits them: blanks in quotes belong to a word. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s'"]|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/(['"])(.*?)\1/g, '$2'));
}

function runSimple(sh: Shell, name: string, args: readonly string[], command: string): void {
  if (name.includes('sysctl_restore')) return;
  switch (name) {
    case 'sysctl':
    case 'set_sysctls.py':
      setSysctls(sh, args, command);
      return;
    case 'defaults.sh':
      setKnobs(sh.sockets.session, defaultKnobs(sh.profile, sh.sockets.options));
      return;
    case 'tcpdrop':
      tcpdrop(sh, args, command);
      return;
    case 'true':
    case ':':
      return;
    case 'false':
      throw new Failed(`${command} to succeed`, 'exit status 1');
    default:
      throw new Missing(`the command ${command}`);
  }
}

function setSysctls(sh: Shell, args: readonly string[], command: string): void {
  const start = knobsOf(sh.profile, {});
  for (const arg of args) {
    if (arg.startsWith('-')) continue;
    const cut = arg.indexOf('=');
    const name = (cut < 0 ? arg : arg.slice(0, cut))
      .replace(/^\/proc\/sys\//, '')
      .replace(/\//g, '.');
    if (!/^[\w.%-]+$/.test(name)) throw new Missing(`the command ${command}`);
    // Reading a value shows it to nobody.
    if (cut < 0) continue;
    if (name.startsWith(OWN_KNOBS)) {
      setOwnKnob(sh, name.slice(OWN_KNOBS.length), arg.slice(cut + 1), command);
      continue;
    }
    // Linux gives least, default and greatest of a buffer; the default is what a socket begins
    // with.
    const values = arg
      .slice(cut + 1)
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    const set: Partial<Knobs> | undefined = values.some(Number.isNaN)
      ? undefined
      : sysctl(name, values, start);
    if (set !== undefined) setKnobs(sh.sockets.session, set);
    else warnOnce(sh, `sysctl ${name} is not known here and was ignored`);
  }
}

/** A knob of this project by its own name, as exported scripts set them. */
const OWN_KNOBS = 'twomsl.';

function setOwnKnob(sh: Shell, name: string, text: string, command: string): void {
  const parsed = parseKnob(name, text);
  if ('error' in parsed) throw new Failed(`${command} to succeed`, parsed.error);
  setKnobs(sh.sockets.session, parsed.knobs);
}

function warnOnce(sh: Shell, warning: string): void {
  if (!sh.warnings.includes(warning)) sh.warnings.push(warning);
}

function sockstatState(state: State): string {
  return state === 'SYN-RECEIVED' ? 'SYN_RCVD' : state.replace(/-/g, '_');
}

type Line = { readonly held: boolean; readonly state: string; readonly ports: readonly number[] };

/** The lines of sockstat: those of open descriptors name our process. */
function sockstat(sh: Shell, args: readonly string[]): string[] {
  const flags = sockstatFlags(args);
  const x = sh.sockets;
  const version = x.options.ip === 'ipv4' ? '4' : '6';
  const families = ['4', '6'].filter((v) => flags.has(v));
  if (families.length > 0 && !families.includes(version)) return [];
  if (flags.has('P') && !flags.get('P')?.split(',').includes('tcp')) return [];
  const wanted = flags.get('p')?.split(',').map(Number);
  return sockstatLines(x)
    .filter(({ ports }) => wanted === undefined || ports.some((port) => wanted.includes(port)))
    .filter(({ state }) => !flags.has('l') || flags.has('c') || state === 'LISTEN')
    .map(({ held, state, ports }) => {
      const owner = held ? 'root packetdril 1000 3' : '? ? ? ?';
      const shown = flags.has('s') ? ` ${state}` : '';
      return `${owner} tcp${version} local:${ports[0]} foreign:${ports[1] ?? '*'}${shown}`;
    });
}

function sockstatLines(x: Sockets): Line[] {
  const lines: Line[] = [];
  const { tcbs, timeWaits } = connections(x.session);
  const held = new Set([...x.open.values()].map((k) => k.conn));
  for (const t of tcbs) {
    const ports = t.remotePort === 0 ? [t.localPort] : [t.localPort, t.remotePort];
    lines.push({ held: held.has(t.num), state: sockstatState(t.state), ports });
  }
  for (const w of timeWaits) {
    lines.push({ held: false, state: 'TIME_WAIT', ports: [w.localPort, w.remotePort] });
  }
  for (const k of x.open.values()) {
    if (k.conn === 0) lines.push({ held: true, state: 'CLOSED', ports: [k.port] });
  }
  return lines;
}

/** Flags in any order, with or without a blank before their value. */
function sockstatFlags(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] as string;
    if (!/^-[A-Za-z0-9]/.test(arg)) throw new Missing(`sockstat with ${arg}`);
    for (let at = 1; at < arg.length; at += 1) {
      const flag = arg[at] as string;
      if (flag === 'p' || flag === 'P' || flag === 'j') {
        const rest = arg.slice(at + 1);
        if (rest === '') i += 1;
        flags.set(flag, rest === '' ? (args[i] ?? '') : rest);
        break;
      }
      if (!'46clnqsuLSUwvCiIfA'.includes(flag)) throw new Missing(`sockstat with -${flag}`);
      flags.set(flag, '');
    }
  }
  return flags;
}

/** grep and wc on lines; the last one decides. */
function filterLines(start: readonly string[], filters: readonly string[], command: string): void {
  let lines = start;
  let ok = true;
  for (const filter of filters) {
    const words = wordsOf(filter);
    const name = words.shift();
    if (name === 'wc' && words.join(' ') === '-l') {
      lines = [`       ${lines.length}`];
      ok = true;
      continue;
    }
    if (name !== 'grep') throw new Missing(`the command ${command}`);
    const flags = words.filter((word) => word.startsWith('-')).join('');
    const [pattern = ''] = words.filter((word) => !word.startsWith('-'));
    if (/[^-cvqwFEix]/.test(flags)) throw new Missing(`the command ${command}`);
    const kept = lines.filter((line) => grep(line, pattern, flags) !== flags.includes('v'));
    ok = kept.length > 0;
    lines = flags.includes('c') ? [String(kept.length)] : kept;
  }
  if (!ok) throw new Failed(`${command} to succeed`, foundText(start));
}

function grep(line: string, pattern: string, flags: string): boolean {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const simple = /^[\w. -]*$/.test(pattern) || flags.includes('F');
  let source = simple ? escaped : pattern;
  if (flags.includes('w')) source = `(?<!\\w)(?:${source})(?!\\w)`;
  if (flags.includes('x')) source = `^(?:${source})$`;
  try {
    return new RegExp(source, flags.includes('i') ? 'i' : '').test(line);
  } catch {
    return line.includes(pattern);
  }
}

function foundText(lines: readonly string[]): string {
  const states = lines.map((line) => line.split(' ').at(-1));
  return states.length === 0 ? 'no connection' : states.join(', ');
}

/** `tcpdrop -s STATE`: all connections in a state are gone. */
function tcpdrop(sh: Shell, args: readonly string[], command: string): void {
  const at = args.indexOf('-s');
  const name = args[at + 1];
  if (at < 0 || name === undefined) throw new Missing(`the command ${command}`);
  const { session } = sh.sockets;
  const { tcbs, timeWaits } = connections(session);
  const gone = tcbs.filter((t) => sockstatState(t.state) === name).map((t) => t.num);
  if (name === 'TIME_WAIT') gone.push(...timeWaits.map((w) => w.num));
  // A 2·MSL timeout is what ends a connection in silence.
  for (const conn of gone) {
    perform(session, { t: session.now, ev: 'timer', host: LOCAL, conn, timer: 'TIME-WAIT' });
  }
}
