/** Generators of logs: headers and events of every kind, with each field at and off its default. */
import fc from 'fast-check';
import { canonicalAddress } from '../../../engine/base/address.ts';
import type { Instruction } from '../../../engine/host/program.ts';
import { type Call, type LogEvent, PLANNED_KINDS } from '../../../engine/log/event.ts';
import type { LogHeader } from '../../../engine/log/header.ts';
import type { FaultSpec } from '../../../engine/network/topology.ts';
import { KNOBS } from '../../../engine/tcp/knobs.ts';
import { PROFILES } from '../../../engine/tcp/profiles.ts';
import { type Segment, streamOf } from '../../../engine/tcp/segment.ts';
import { TIMERS } from '../../../engine/tcp/timers.ts';

const HOSTS = ['client', 'server', 'fd00::1', 'höst:1+2', '__proto__'];

const count = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const seq = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff_ffff }));
const port = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const share = fc
  .oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }))
  .map((x) => x + 0);
const text = fc.string({ unit: 'grapheme' });
const word = fc.constantFrom('echo', 'server', 'a "quoted" name', 'ünï');
const hostNumber = fc.nat({ max: HOSTS.length - 1 });
const hostName = hostNumber.map((n) => HOSTS[n] as string);
const address = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map((written) => canonicalAddress(written))
  .filter((canonical) => canonical !== undefined);
const addressOrNone = fc.oneof(fc.constant(''), address);

const bare = { mss: 0, wscale: -1, sackOk: false, ts: false, tsVal: 0, tsEcr: 0, sack: null };
const stamps = fc.oneof(
  fc.constant({ ts: false, tsVal: 0, tsEcr: 0 }),
  fc.record({ ts: fc.constant(true), tsVal: seq, tsEcr: seq }),
);
const options = fc.oneof(
  fc.constant(bare),
  fc
    .tuple(
      fc.record({
        mss: port,
        wscale: fc.integer({ min: -1, max: 255 }),
        sackOk: fc.boolean(),
        sack: fc.oneof(
          fc.constant(null),
          fc.array(fc.tuple(seq, seq), { maxLength: 4 }).map((pairs) => pairs.flat()),
        ),
      }),
      stamps,
    )
    .map(([rest, ts]) => ({ ...rest, ...ts })),
);
const stream = fc.oneof(
  fc.constant(-1),
  fc.tuple(hostNumber, fc.nat({ max: 2 ** 40 })).map(([host, conn]) => streamOf(host, conn)),
);
const payload = fc.oneof(
  fc.constant({ len: 0, stream: -1, from: 0 }),
  fc.record({ len: fc.nat(), stream, from: fc.nat({ max: 2 ** 45 }) }),
);

const segment: fc.Arbitrary<Segment> = fc
  .tuple(
    fc.record({
      src: address,
      dst: address,
      srcPort: port,
      dstPort: port,
      seq,
      ack: seq,
      flags: fc.nat({ max: 255 }),
      wnd: port,
      up: port,
    }),
    payload,
    options,
  )
  .map(([base, stretch, opt]) => ({ ...base, ...stretch, ...opt }));

const linkRules = fc.record({
  delay: count,
  jitter: count,
  loss: share,
  duplicate: share,
  reorder: share,
  reorderDelay: count,
});

const whole = fc.integer({ min: -1, max: 2 ** 31 });
const socketOptions = fc.record(
  {
    noDelay: fc.boolean(),
    linger_s: whole,
    userTimeout_ms: whole,
    keepalive: fc.constantFrom(true, false, null),
    keepaliveIdle_ms: whole,
    keepaliveInterval_ms: whole,
    keepaliveProbes: whole,
    rcvBuf: whole,
    sndBuf: whole,
  },
  { requiredKeys: [] },
);

const knobs = fc.record(
  Object.fromEntries(
    Object.entries(KNOBS).map(([name, { value, choices }]) => {
      if (choices !== null) return [name, fc.constantFrom(...(choices as readonly string[]))];
      return [name, typeof value === 'boolean' ? fc.boolean() : count];
    }),
  ),
  { requiredKeys: [] },
);

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    call: fc.constant('OPEN' as const),
    mode: fc.constantFrom('active' as const, 'passive' as const),
    to: addressOrNone,
    toPort: port,
    from: addressOrNone,
    fromPort: port,
    backlog: fc.integer({ min: -1, max: 4096 }),
    iss: fc.oneof(fc.constant(-1), seq),
    nowait: fc.boolean(),
  }),
  fc.record({ call: fc.constantFrom('ACCEPT' as const, 'ABORT' as const, 'STATUS' as const) }),
  fc.record({ call: fc.constant('SEND' as const), bytes: count, urgent: fc.boolean() }),
  fc.record({ call: fc.constant('RECEIVE' as const), bytes: count }),
  fc.record({
    call: fc.constant('CLOSE' as const),
    how: fc.constantFrom('write' as const, 'read' as const, 'both' as const),
  }),
  fc.record({ call: fc.constant('SET' as const), options: socketOptions }),
) as fc.Arbitrary<Call>;

const kind = <const K extends string>(ev: K) => fc.constant(ev);

/** Events of all kinds, each at time 0. */
const untimed = fc.oneof(
  fc.record({
    ev: kind('call'),
    host: hostNumber,
    conn: fc.nat(),
    process: fc.integer({ min: -1, max: 1000 }),
    call,
  }),
  fc.record({ ev: kind('arrive'), host: hostNumber, n: whole, seg: segment }),
  fc.record({ ev: kind('lose'), n: fc.nat() }),
  fc.record({ ev: kind('inject'), host: hostNumber, seg: segment }),
  fc.record({
    ev: kind('timer'),
    host: hostNumber,
    conn: fc.nat(),
    timer: fc.constantFrom(...TIMERS),
  }),
  fc.record({ ev: kind('knob'), host: hostNumber, knobs }),
  fc.record({
    ev: kind('link'),
    a: hostNumber,
    b: hostNumber,
    rules: fc.oneof(linkRules, fc.record({ loss: share, delay: count }, { requiredKeys: [] })),
  }),
  fc.record({ ev: kind('crash'), host: hostNumber }),
  fc.record({ ev: kind('restart'), host: hostNumber }),
  fc.record({ ev: kind('observe'), host: hostNumber, seg: segment }),
  fc.record({ ev: kind('wake'), process: fc.nat() }),
  fc.record({
    ev: kind('icmp'),
    host: hostNumber,
    hard: fc.boolean(),
    what: text,
    local: address,
    localPort: port,
    remote: address,
    remotePort: port,
    seq,
  }),
);

const event = fc
  .tuple(fc.nat({ max: 1000 }), untimed, fc.boolean())
  .map(([t, rest, inferred]) => ({ t, ...rest, ...(inferred ? { inferred: true } : {}) }));

/** Events whose times do not go back. */
export const events: fc.Arbitrary<LogEvent[]> = fc.array(event, { maxLength: 30 }).map((list) => {
  let t = 0;
  return list.map((one) => {
    t += one.t;
    return { ...one, t } as LogEvent;
  });
});

const planned = events
  .map((list) => list.filter((one) => PLANNED_KINDS.some((kind) => kind === one.ev)))
  .filter((list) => list.length > 0);

const instruction = fc.oneof(
  fc.record(
    {
      op: kind('connect'),
      to: word,
      port,
      from: port,
      iss: seq,
      nowait: fc.boolean(),
    },
    { requiredKeys: ['op', 'to', 'port'] },
  ),
  fc.record({ op: kind('listen'), port, backlog: count }),
  fc.record({ op: kind('open_passive'), port, iss: seq }, { requiredKeys: ['op', 'port'] }),
  fc.record({ op: kind('serve'), program: fc.constant('main') }),
  fc.record({ op: kind('accept') }),
  fc.record(
    { op: kind('send'), bytes: count, urgent: fc.boolean() },
    { requiredKeys: ['op', 'bytes'] },
  ),
  fc.record({ op: kind('receive'), bytes: count }),
  fc.record({
    op: fc.constantFrom('receive_end' as const, 'shutdown' as const, 'close' as const),
  }),
  fc.record({ op: kind('abort') }),
  fc.record({ op: kind('set'), options: socketOptions }),
  fc.record({ op: kind('wait'), us: count }),
  fc.record({ op: kind('until'), at: count }),
  fc.record({ op: kind('spawn'), program: fc.constant('main'), times: count, every: count }),
  fc.record({ op: kind('repeat'), to: fc.constant(0), times: count }),
) as fc.Arbitrary<Instruction>;

const fault = fc.record({
  from: hostName,
  to: hostName,
  match: fc.record(
    { flags: fc.constantFrom('S', 'F.'), text: fc.boolean(), srcPort: port, after: count },
    { requiredKeys: [] },
  ),
  nth: fc.integer({ min: 1, max: 9 }),
  times: fc.nat(),
  act: fc.oneof(
    fc.constant({ kind: 'lose' }),
    fc.record({ kind: fc.constantFrom('delay', 'copy'), us: count }),
  ),
}) as fc.Arbitrary<FaultSpec>;

const source = fc.oneof(
  fc.record({ kind: kind('simulation'), scenario: text }),
  fc.record({ kind: kind('import'), file: text, epoch: count, assumptions: fc.array(text) }),
);

const hosts = fc
  .tuple(
    ...HOSTS.map((name) =>
      fc.record(
        {
          name: fc.constant(name),
          addresses: fc.array(address),
          profile: fc.constantFrom(...Object.keys(PROFILES)),
          knobs,
          observed: fc.boolean(),
        },
        { requiredKeys: ['name', 'addresses', 'profile', 'knobs'] },
      ),
    ),
  )
  .map((list) => [...list]);

export const header = fc.record(
  {
    format: fc.constant('twomsl' as const),
    version: fc.constant(1),
    semantics: fc.constant(1),
    id: text,
    title: text,
    about: text,
    seed: count,
    source,
    hosts,
    links: fc.array(
      fc.tuple(hostName, hostName, linkRules).map(([a, b, rules]) => ({ a, b, ...rules })),
    ),
    defaultLink: linkRules,
    faults: fc.array(fault),
    programs: fc.tuple(
      fc.record({ name: fc.constant('main'), code: fc.array(instruction, { maxLength: 8 }) }),
    ),
    apps: fc.array(fc.record({ host: hostName, program: fc.constant('main'), at: count })),
    planned,
    until: count,
  },
  {
    requiredKeys: [
      'format',
      'version',
      'semantics',
      'id',
      'title',
      'about',
      'seed',
      'source',
      'hosts',
      'links',
      'defaultLink',
      'faults',
      'programs',
      'apps',
    ],
  },
) as unknown as fc.Arbitrary<LogHeader>;
