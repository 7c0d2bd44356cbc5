/**
 * Scenarios: hosts, links, what applications do, and what happens to the network.
 *
 * A scenario is built as data and nothing runs while it is built; `build` gives the header of a
 * log, from which the simulation goes. Each method returns a new scenario, so that one can be the
 * base of several. What a person writes wrongly is told when the line is read.
 *
 *     export default ({ scenario, steps: { connect, send, close, listen, serve, receiveEnd } }) =>
 *       scenario({ title: 'Hello', about: 'One connection.' })
 *         .host('client')
 *         .host('server', { profile: 'linux' })
 *         .link('client', 'server', { delay: '20ms' })
 *         .app('server', [listen(80), serve([receiveEnd(), close()])])
 *         .app('client', [connect('server', 80), send(100), close()], { at: '10ms' });
 */
import { canonicalAddress } from '../base/address.ts';
import { hashText, idFrom } from '../base/random.ts';
import { SECOND } from '../base/time.ts';
import type { Program } from '../host/program.ts';
import type { PlannedEvent } from '../log/event.ts';
import { hostsFault } from '../log/given-header.ts';
import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../log/header.ts';
import { isHostName } from '../log/names.ts';
import type { FaultSpec, HostSpec, LinkSpec } from '../network/topology.ts';
import type { Knobs } from '../tcp/knobs.ts';
import { knobFault, PROFILES } from '../tcp/profiles.ts';
import { blankSegment, flagsOf, flagsText, HOSTS_MAX, PSH, type Segment } from '../tcp/segment.ts';
import { DEFAULT_LINK, type LinkOptions, rulesOf } from './links.ts';
import {
  checkFields,
  checkStarts,
  compile,
  type Duration,
  fail,
  micros,
  port,
  type Step,
  whole,
} from './steps.ts';

/** What the command line sets; all hosts take it, save for what a scenario has fixed. */
export type ScenarioOptions = {
  readonly seed?: number;
  readonly profile?: string;
  readonly knobs?: Partial<Knobs>;
};

export type ScenarioInfo = {
  /** What the log is called by; the title if absent. */
  readonly name?: string;
  readonly title: string;
  readonly about: string;
  readonly seed?: number;
  /** When the run ends if nothing ends it before: keep-alives never do. A day if absent. */
  readonly until?: Duration;
  /** Of hosts that name none; `rfc9293` if absent. */
  readonly profile?: string;
  /** Set on every host; options may set them otherwise. */
  readonly knobs?: Partial<Knobs>;
  /** Set on every host, and what the scenario is about: no option changes them. */
  readonly fixed?: Partial<Knobs>;
};

export type HostOptions = {
  readonly address?: string;
  readonly addresses?: readonly string[];
  readonly profile?: string;
  readonly knobs?: Partial<Knobs>;
  readonly fixed?: Partial<Knobs>;
};

/** Which segments a fault is about: all that match, from the `nth` on, `times` of them. */
export type Which = {
  /** As tcpdump writes them, `S`, `S.`, `F.`; PSH does not count. */
  readonly flags?: string;
  /** Whether it has text. */
  readonly text?: boolean;
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly after?: Duration;
  readonly nth?: number;
  readonly times?: number;
};

export type AppOptions = { readonly at?: Duration; readonly name?: string };

/** A segment to forge: from a host's first address. */
export type Forged = {
  readonly from: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly flags: string;
  readonly seq: number;
  readonly ack?: number;
  readonly len?: number;
  readonly wnd?: number;
};

export type Scenario = {
  host(name: string, options?: HostOptions): Scenario;
  /** A link of its own between two hosts; between others there are 10 ms and no loss. */
  link(a: string, b: string, rules?: LinkOptions): Scenario;
  app(host: string, body: readonly Step[], options?: AppOptions): Scenario;
  /** A program that `serve` and `spawn` can name. */
  program(name: string, body: readonly Step[]): Scenario;
  lose(from: string, to: string, which?: Which): Scenario;
  delay(from: string, to: string, by: Duration, which?: Which): Scenario;
  /** The segment passes, and a copy of it arrives later by so much. */
  copy(from: string, to: string, by: Duration, which?: Which): Scenario;
  crash(at: Duration, host: string): Scenario;
  restart(at: Duration, host: string): Scenario;
  change(at: Duration, host: string, knobs: Partial<Knobs>): Scenario;
  relink(at: Duration, a: string, b: string, rules: LinkOptions): Scenario;
  inject(at: Duration, host: string, segment: Forged): Scenario;
  build(options?: ScenarioOptions): LogHeader;
};

type Host = HostOptions & { readonly name: string; readonly addresses: readonly string[] };
type App = { readonly host: string; readonly program: string; readonly at: number };

type Parts = {
  readonly info: ScenarioInfo;
  readonly hosts: readonly Host[];
  readonly links: readonly LinkSpec[];
  readonly faults: readonly FaultSpec[];
  readonly programs: readonly Program[];
  readonly apps: readonly App[];
  readonly planned: readonly PlannedEvent[];
};

const DAY = 24 * 60 * 60 * SECOND;

/** What a scenario says of itself. */
export const INFO_FIELDS = ['name', 'title', 'about', 'seed', 'until', 'profile', 'knobs', 'fixed'];

/** What each part of it may say, to tell what is misspelt. */
const FIELDS = {
  host: ['address', 'addresses', 'profile', 'knobs', 'fixed'],
  app: ['at', 'name'],
  which: ['flags', 'text', 'srcPort', 'dstPort', 'after', 'nth', 'times'],
  forged: ['from', 'fromPort', 'toPort', 'flags', 'seq', 'ack', 'len', 'wnd'],
} as const;

/** Starts a scenario without hosts. */
export function scenario(info: ScenarioInfo): Scenario {
  if (typeof info?.title !== 'string' || info.title === '') fail('scenario: expected a title');
  checkFields(info, INFO_FIELDS, 'scenario');
  if (typeof info.about !== 'string') fail('scenario: expected a text about');
  if (info.seed !== undefined) whole(info.seed, 'seed', 0, 2 ** 32 - 1);
  checkProfile(info.profile);
  checkKnobs(info.knobs, 'scenario');
  checkKnobs(info.fixed, 'scenario');
  return make({
    info,
    hosts: [],
    links: [],
    faults: [],
    programs: [],
    apps: [],
    planned: [],
  });
}

function make(parts: Parts): Scenario {
  const fault = (from: string, to: string, which: Which, act: FaultSpec['act']): Scenario =>
    make({ ...parts, faults: [...parts.faults, faultOf(parts, from, to, which, act)] });
  const plan = (event: PlannedEvent): Scenario =>
    make({ ...parts, planned: [...parts.planned, event] });
  const number = (host: string): number => numberOf(parts, host);
  return {
    host: (name, options = {}) => make(withHost(parts, name, options)),
    link: (a, b, rules = {}) => make(withLink(parts, a, b, rules)),
    app: (host, body, options = {}) => make(withApp(parts, host, body, options)),
    program: (name, body) => make(withProgram(parts, name, body)),
    lose: (from, to, which = {}) => fault(from, to, which, { kind: 'lose' }),
    delay: (from, to, by, which = {}) =>
      fault(from, to, which, { kind: 'delay', us: micros(by, 'delay') }),
    copy: (from, to, by, which = {}) =>
      fault(from, to, which, { kind: 'copy', us: micros(by, 'copy') }),
    crash: (at, host) => plan({ t: micros(at, 'crash'), ev: 'crash', host: number(host) }),
    restart: (at, host) => plan({ t: micros(at, 'restart'), ev: 'restart', host: number(host) }),
    change: (at, host, knobs) => {
      checkKnobs(knobs, 'change');
      return plan({ t: micros(at, 'change'), ev: 'knob', host: number(host), knobs });
    },
    relink: (at, a, b, rules) =>
      plan({
        t: micros(at, 'relink'),
        ev: 'link',
        a: number(a),
        b: number(b),
        rules: rulesOf(rules),
      }),
    inject: (at, host, forged) =>
      plan({
        t: micros(at, 'inject'),
        ev: 'inject',
        host: number(host),
        seg: segmentOf(parts, host, forged),
      }),
    build: (options = {}) => buildHeader(parts, options),
  };
}

function numberOf(parts: Parts, host: string): number {
  const number = parts.hosts.findIndex(({ name }) => name === host);
  if (number >= 0) return number;
  const names = parts.hosts.map(({ name }) => name).join(', ');
  return fail(
    `there is no host '${host}'; ${names === '' ? 'there is none yet' : `hosts: ${names}`}`,
  );
}

function withHost(parts: Parts, name: string, options: HostOptions): Parts {
  if (!isHostName(name)) fail(`host '${name}': expected one word without # ? " and \\`);
  if (parts.hosts.some((host) => host.name === name)) fail(`host '${name}' is there already`);
  checkFields(options, FIELDS.host, `host ${name}`);
  checkProfile(options.profile);
  checkKnobs(options.knobs, `host ${name}`);
  checkKnobs(options.fixed, `host ${name}`);
  const { length } = parts.hosts;
  if (length === HOSTS_MAX) fail(`host '${name}': there are at most ${HOSTS_MAX} hosts`);
  const given = options.addresses ?? [options.address ?? addressOf(length)];
  const addresses = given.map(
    (address) => canonicalAddress(address) ?? fail(`host ${name}: '${address}' is no address`),
  );
  for (const other of parts.hosts) {
    const taken = addresses.find((address) => other.addresses.includes(address));
    if (taken !== undefined) fail(`host ${name}: ${other.name} has the address ${taken}`);
  }
  return { ...parts, hosts: [...parts.hosts, { ...options, name, addresses }] };
}

/** 10.0.0.1 to 10.0.0.254, then 10.0.1.1: the address of a host that names none. */
function addressOf(host: number): string {
  return `10.0.${Math.floor(host / 254)}.${(host % 254) + 1}`;
}

function withLink(parts: Parts, a: string, b: string, rules: LinkOptions): Parts {
  numberOf(parts, a);
  numberOf(parts, b);
  if (a === b) fail(`link: expected two hosts, found ${a} twice`);
  return { ...parts, links: [...parts.links, { a, b, ...DEFAULT_LINK, ...rulesOf(rules) }] };
}

function withProgram(parts: Parts, name: string, body: readonly Step[]): Parts {
  if (parts.programs.some((program) => program.name === name)) {
    fail(`program '${name}' is there already`);
  }
  const programs: Program[] = [];
  compile(name, body, programs);
  return { ...parts, programs: [...parts.programs, ...programs] };
}

function withApp(parts: Parts, host: string, body: readonly Step[], options: AppOptions): Parts {
  numberOf(parts, host);
  checkFields(options, FIELDS.app, `app of ${host}`);
  const before = parts.apps.filter((app) => app.host === host).length;
  const name = options.name ?? (before === 0 ? host : `${host}.${before + 1}`);
  if (typeof name !== 'string' || name === '') fail(`app of ${host}, name: expected a text`);
  const at = micros(options.at ?? 0, 'app, at');
  const more = withProgram(parts, name, body);
  return { ...more, apps: [...parts.apps, { host, program: name, at }] };
}

function faultOf(
  parts: Parts,
  from: string,
  to: string,
  which: Which,
  act: FaultSpec['act'],
): FaultSpec {
  numberOf(parts, from);
  numberOf(parts, to);
  checkFields(which, FIELDS.which, `fault from ${from} to ${to}`);
  const { flags, text, srcPort, dstPort, after, nth = 1, times = 1 } = which;
  const match = {
    ...(flags === undefined ? {} : { flags: flagsText(flagsIn(flags) & ~PSH) }),
    ...(text === undefined ? {} : { text }),
    ...(srcPort === undefined ? {} : { srcPort: port(srcPort, 'srcPort') }),
    ...(dstPort === undefined ? {} : { dstPort: port(dstPort, 'dstPort') }),
    ...(after === undefined ? {} : { after: micros(after, 'after') }),
  };
  return { from, to, match, nth: whole(nth, 'nth', 1), times: whole(times, 'times', 1), act };
}

function flagsIn(text: string): number {
  return flagsOf(text) ?? fail(`flags '${text}': expected letters of S F R P U E W and .`);
}

function segmentOf(parts: Parts, host: string, forged: Forged): Segment {
  const to = parts.hosts[numberOf(parts, host)] as Host;
  const from = parts.hosts[numberOf(parts, forged.from)] as Host;
  checkFields(forged, FIELDS.forged, 'inject');
  const { fromPort, toPort, flags, seq, ack = 0, len = 0, wnd = 65_535 } = forged;
  const [src, dst] = [from.addresses[0] as string, to.addresses[0] as string];
  return {
    ...blankSegment(src, port(fromPort, 'inject'), dst, port(toPort, 'inject')),
    flags: flagsIn(flags),
    seq: whole(seq, 'inject, seq', 0, 2 ** 32 - 1),
    ack: whole(ack, 'inject, ack', 0, 2 ** 32 - 1),
    len: whole(len, 'inject, len', 0, 65_535),
    wnd: whole(wnd, 'inject, wnd', 0, 65_535),
  };
}

function checkProfile(profile: string | undefined): void {
  if (profile === undefined || Object.hasOwn(PROFILES, profile)) return;
  fail(`there is no profile '${profile}'; profiles: ${Object.keys(PROFILES).join(', ')}`);
}

function checkKnobs(knobs: Partial<Knobs> | undefined, where: string): void {
  for (const [name, value] of Object.entries(knobs ?? {})) {
    const fault = knobFault(name, value);
    if (fault !== undefined) fail(`${where}: ${fault}`);
  }
}

function buildHeader(parts: Parts, options: ScenarioOptions): LogHeader {
  const { info } = parts;
  if (parts.hosts.length === 0) fail('the scenario has no host');
  checkProfile(options.profile);
  checkKnobs(options.knobs, 'options');
  checkNames(parts);
  checkStarts(parts.programs);
  const name = info.name ?? info.title;
  const seed = options.seed ?? info.seed ?? 1;
  const planned = [...parts.planned].sort((a, b) => a.t - b.t);
  const header: LogHeader = {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: idFrom(hashText(name, seed)),
    title: info.title,
    about: info.about,
    seed,
    source: { kind: 'simulation', scenario: name },
    hosts: parts.hosts.map((host) => hostSpec(info, host, options)),
    links: parts.links,
    defaultLink: DEFAULT_LINK,
    faults: parts.faults,
    programs: parts.programs,
    apps: parts.apps,
    ...(planned.length === 0 ? {} : { planned }),
    until: micros(info.until ?? DAY, 'until'),
  };
  const fault = hostsFault(header);
  return fault === undefined ? header : fail(fault);
}

/** The scenario's knobs, over them the host's, then the options', last what is fixed. */
function hostSpec(info: ScenarioInfo, host: Host, options: ScenarioOptions): HostSpec {
  const fixed: Partial<Knobs> = { ...info.fixed, ...host.fixed };
  for (const name of Object.keys(options.knobs ?? {})) {
    if (!Object.hasOwn(fixed, name)) continue;
    const value = String(fixed[name as keyof Knobs]);
    fail(`${name}: the scenario is about what it does at ${value}, so it cannot be set`);
  }
  const profile = options.profile ?? host.profile ?? info.profile ?? 'rfc9293';
  const knobs = { ...info.knobs, ...host.knobs, ...options.knobs, ...fixed };
  return { name: host.name, addresses: host.addresses, profile, knobs };
}

/** Names in steps may point forward, so they are looked up last. */
function checkNames(parts: Parts): void {
  const programs = parts.programs.map(({ name }) => name);
  for (const { name, code } of parts.programs) {
    code.forEach((step, i) => {
      const where = `program ${name}, step ${i + 1} (${step.op})`;
      if (step.op === 'connect' && canonicalAddress(step.to) === undefined) {
        const known = parts.hosts.some((host) => host.name === step.to);
        if (!known) fail(`${where}: there is no host '${step.to}'`);
      }
      if ((step.op === 'serve' || step.op === 'spawn') && !programs.includes(step.program)) {
        const names = programs.join(', ');
        fail(`${where}: there is no program '${step.program}'; programs: ${names}`);
      }
    });
  }
}
