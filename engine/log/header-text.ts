/** The first line of a log: its header as JSON, written and read. */
import type { AppSpec, Instruction, Program } from '../host/program.ts';
import type { FaultSpec, HostSpec, LinkRules, LinkSpec } from '../network/topology.ts';
import { PROFILES } from '../tcp/profiles.ts';
import { HOSTS_MAX } from '../tcp/segment.ts';
import { eventAt } from './decode-event.ts';
import { createEventEncoder } from './encode-event.ts';
import { PLANNED_KINDS, type PlannedEvent } from './event.ts';
import {
  addressAt,
  choiceAt,
  flagAt,
  type Json,
  listAt,
  objectAt,
  oneOf,
  onlyFields,
  textAt,
  wholeAt,
} from './fields.ts';
import { FORMAT_VERSION, type LogHeader, type LogSource, SEMANTICS_VERSION } from './header.ts';
import { hostNames, isHostName } from './names.ts';
import { Malformed, show } from './problem.ts';
import { readShape, scalarAt, writeShape } from './shape.ts';
import {
  FAULT_ACTS,
  FAULT_MATCH,
  INSTRUCTIONS,
  KNOB_VALUES,
  knobsAt,
  LINK_RULES,
  SOCKET_OPTIONS,
} from './shapes.ts';

/** The header's line, without the end of line. */
export function encodeHeader(header: LogHeader): string {
  const { format, version, semantics, id, title, about, seed, source } = header;
  const json: Record<string, unknown> = { format, version, semantics, id, title, about, seed };
  json['source'] = sourceJson(source);
  json['hosts'] = header.hosts.map(hostJson);
  const links = header.links.map((link) => ({
    a: link.a,
    b: link.b,
    ...writeShape(LINK_RULES, link),
  }));
  if (links.length > 0) json['links'] = links;
  json['defaultLink'] = writeShape(LINK_RULES, header.defaultLink);
  if (header.faults.length > 0) json['faults'] = header.faults.map(faultJson);
  if (header.programs.length > 0) json['programs'] = header.programs.map(programJson);
  const apps = header.apps.map(({ host, program, at }) => ({ host, program, at }));
  if (apps.length > 0) json['apps'] = apps;
  if (header.planned !== undefined && header.planned.length > 0) {
    const encode = createEventEncoder(header);
    json['planned'] = header.planned.map((event) => JSON.parse(encode(event)) as object);
  }
  if (header.until !== undefined) json['until'] = header.until;
  return JSON.stringify(json);
}

function sourceJson(source: LogSource): object {
  if (source.kind === 'simulation') return { kind: source.kind, scenario: source.scenario };
  const { kind, file, epoch, assumptions } = source;
  return { kind, file, epoch, assumptions };
}

function hostJson({ name, addresses, profile, knobs, observed }: HostSpec): object {
  const set = writeShape(KNOB_VALUES, knobs, true);
  const rest = Object.keys(set).length > 0 ? { knobs: set } : {};
  return { name, addresses, profile, ...rest, ...(observed === undefined ? {} : { observed }) };
}

function faultJson({ from, to, match, nth, times, act }: FaultSpec): object {
  const matching = writeShape(FAULT_MATCH, match);
  return { from, to, match: matching, nth, times, act: writeShape(FAULT_ACTS[act.kind], act) };
}

function programJson({ name, code }: Program): object {
  return { name, code: code.map(instructionJson) };
}

function instructionJson(instruction: Instruction): object {
  const { op } = instruction;
  if (op === 'set') return { op, options: writeShape(SOCKET_OPTIONS, instruction.options, true) };
  return { op, ...writeShape(INSTRUCTIONS[op], instruction) };
}

const HEADER_FIELDS = new Set([
  ...['format', 'version', 'semantics', 'id', 'title', 'about', 'seed', 'source'],
  ...['hosts', 'links', 'defaultLink', 'faults', 'programs', 'apps', 'planned', 'until'],
]);

/** Reads a header from its line's JSON. The versions come first: they rule how the rest is read. */
export function headerAt(value: unknown): LogHeader {
  const json = objectAt(value, '');
  checkVersions(json);
  onlyFields(json, HEADER_FIELDS, '');
  const hosts = hostsAt(json['hosts']);
  const names = hosts.map((host) => host.name);
  const programs = listOf(json['programs'], 'programs', programAt);
  checkPrograms(programs);
  const programNames = programs.map((program) => program.name);
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: textAt(json['id'], 'id'),
    title: textAt(json['title'], 'title'),
    about: textAt(json['about'], 'about'),
    seed: wholeAt(json['seed'], 'seed'),
    source: sourceAt(json['source']),
    hosts,
    links: listOf(json['links'], 'links', (link, path) => linkAt(link, names, path)),
    defaultLink: readShape(LINK_RULES, json['defaultLink'], 'defaultLink') as LinkRules,
    faults: listOf(json['faults'], 'faults', (fault, path) => faultAt(fault, names, path)),
    programs,
    apps: listOf(json['apps'], 'apps', (app, path) => appAt(app, names, programNames, path)),
    ...(json['planned'] === undefined ? {} : { planned: plannedAt(json['planned'], hosts) }),
    ...(json['until'] === undefined ? {} : { until: wholeAt(json['until'], 'until') }),
  };
}

function checkVersions(json: Json): void {
  if (json['format'] !== 'twomsl') {
    throw new Malformed('format', '"twomsl"', show(json['format']), 'Is it a log of twomsl?');
  }
  checkVersion('version', json['version'], FORMAT_VERSION);
  checkVersion('semantics', json['semantics'], SEMANTICS_VERSION);
}

function checkVersion(field: string, value: unknown, known: number): void {
  if (wholeAt(value, field, 1) <= known) return;
  const todo = 'The log was written by a newer twomsl: read it with that one';
  throw new Malformed(field, `a version up to ${known}`, show(value), todo);
}

/** A list that may be absent; `read` is given the path of each element. */
function listOf<T>(value: unknown, path: string, read: (v: unknown, path: string) => T): T[] {
  if (value === undefined) return [];
  return listAt(value, path).map((element, i) => read(element, `${path}[${i}]`));
}

function sourceAt(value: unknown): LogSource {
  const json = objectAt(value, 'source');
  const kind = choiceAt(json['kind'], ['simulation', 'import'], 'source.kind');
  if (kind === 'simulation') {
    onlyFields(json, new Set(['kind', 'scenario']), 'source');
    return { kind, scenario: textAt(json['scenario'], 'source.scenario') };
  }
  onlyFields(json, new Set(['kind', 'file', 'epoch', 'assumptions']), 'source');
  return {
    kind,
    file: textAt(json['file'], 'source.file'),
    epoch: wholeAt(json['epoch'], 'source.epoch', Number.MIN_SAFE_INTEGER),
    assumptions: listOf(json['assumptions'], 'source.assumptions', textAt),
  };
}

const HOST_FIELDS = new Set(['name', 'addresses', 'profile', 'knobs', 'observed']);

function hostsAt(value: unknown): HostSpec[] {
  const hosts = listAt(value, 'hosts').map((host, i) => hostAt(host, `hosts[${i}]`));
  if (hosts.length === 0) throw new Malformed('hosts', 'at least one host', '[]');
  if (hosts.length > HOSTS_MAX) {
    throw new Malformed('hosts', `at most ${HOSTS_MAX} hosts`, `${hosts.length}`);
  }
  const seen = new Set<string>();
  for (const { name } of hosts) {
    if (seen.has(name)) throw new Malformed('hosts', 'a name for one host only', show(name));
    seen.add(name);
  }
  return hosts;
}

function hostAt(value: unknown, path: string): HostSpec {
  const json = objectAt(value, path);
  onlyFields(json, HOST_FIELDS, path);
  const name = textAt(json['name'], `${path}.name`);
  if (!isHostName(name)) {
    const expected = 'one word of at most 64 characters without # ? " and \\';
    throw new Malformed(`${path}.name`, expected, show(name));
  }
  const { observed, knobs } = json;
  return {
    name,
    addresses: listAt(json['addresses'], `${path}.addresses`).map((address, i) =>
      addressAt(textAt(address, `${path}.addresses[${i}]`), `${path}.addresses[${i}]`),
    ),
    profile: nameAmong(json['profile'], Object.keys(PROFILES), 'a profile', `${path}.profile`),
    knobs: knobsAt(knobs ?? {}, `${path}.knobs`),
    ...(observed === undefined ? {} : { observed: flagAt(observed, `${path}.observed`) }),
  };
}

function nameAmong(value: unknown, names: readonly string[], what: string, path: string): string {
  if (typeof value === 'string' && names.includes(value)) return value;
  const expected = names.length === 0 ? `${what}; there is none` : `${what}, ${oneOf(names)}`;
  throw new Malformed(path, expected, show(value));
}

function linkAt(value: unknown, names: readonly string[], path: string): LinkSpec {
  const { a, b, ...rules } = objectAt(value, path);
  const read = readShape(LINK_RULES, rules, path) as LinkRules;
  return {
    a: nameAmong(a, names, 'a host of this log', `${path}.a`),
    b: nameAmong(b, names, 'a host of this log', `${path}.b`),
    ...read,
  };
}

const FAULT_FIELDS = new Set(['from', 'to', 'match', 'nth', 'times', 'act']);

function faultAt(value: unknown, names: readonly string[], path: string): FaultSpec {
  const json = objectAt(value, path);
  onlyFields(json, FAULT_FIELDS, path);
  const act = objectAt(json['act'], `${path}.act`);
  const kind = choiceAt(act['kind'], ['lose', 'delay', 'copy'], `${path}.act.kind`);
  return {
    from: nameAmong(json['from'], names, 'a host of this log', `${path}.from`),
    to: nameAmong(json['to'], names, 'a host of this log', `${path}.to`),
    match: readShape(FAULT_MATCH, json['match'], `${path}.match`),
    nth: wholeAt(json['nth'], `${path}.nth`, 1),
    times: wholeAt(json['times'], `${path}.times`),
    act: readShape(FAULT_ACTS[kind], act, `${path}.act`) as FaultSpec['act'],
  };
}

const PROGRAM_FIELDS = new Set(['name', 'code']);

function programAt(value: unknown, path: string): Program {
  const json = objectAt(value, path);
  onlyFields(json, PROGRAM_FIELDS, path);
  return {
    name: scalarAt('name', json['name'], `${path}.name`) as string,
    code: listOf(json['code'], `${path}.code`, instructionAt),
  };
}

function instructionAt(value: unknown, path: string): Instruction {
  const { op, ...rest } = objectAt(value, path);
  if (op === 'set') {
    onlyFields(rest, new Set(['options']), path);
    const options = readShape(SOCKET_OPTIONS, rest['options'], `${path}.options`, true);
    return { op, options: options as Record<string, number | boolean> };
  }
  const ops = Object.keys(INSTRUCTIONS) as (keyof typeof INSTRUCTIONS)[];
  const known = choiceAt(op, ops, `${path}.op`);
  return { op: known, ...readShape(INSTRUCTIONS[known], rest, path) } as Instruction;
}

/** Programs that name each other must be there, and a loop must stay within its program. */
function checkPrograms(programs: readonly Program[]): void {
  const names = programs.map((program) => program.name);
  for (const [p, program] of programs.entries()) {
    for (const [i, step] of program.code.entries()) {
      const path = `programs[${p}].code[${i}]`;
      if (step.op === 'spawn' || step.op === 'serve') {
        nameAmong(step.program, names, 'a program of this log', `${path}.program`);
      }
      if (step.op === 'repeat') wholeAt(step.to, `${path}.to`, 0, i);
    }
  }
}

const APP_FIELDS = new Set(['host', 'program', 'at']);

function appAt(
  value: unknown,
  hosts: readonly string[],
  programs: readonly string[],
  path: string,
): AppSpec {
  const json = objectAt(value, path);
  onlyFields(json, APP_FIELDS, path);
  return {
    host: nameAmong(json['host'], hosts, 'a host of this log', `${path}.host`),
    program: nameAmong(json['program'], programs, 'a program of this log', `${path}.program`),
    at: wholeAt(json['at'], `${path}.at`),
  };
}

/** Planned events stand as in the log itself, in order of time. */
function plannedAt(value: unknown, hosts: readonly HostSpec[]): PlannedEvent[] {
  const names = hostNames({ hosts });
  let after = 0;
  return listOf(value, 'planned', (element, path) => {
    const json = objectAt(element, path);
    choiceAt(json['ev'], PLANNED_KINDS, `${path}.ev`);
    try {
      const event = eventAt(json, names, after) as PlannedEvent;
      after = event.t;
      return event;
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      const { field, expected, found, todo } = error;
      throw new Malformed(field === '' ? path : `${path}.${field}`, expected, found, todo);
    }
  });
}
