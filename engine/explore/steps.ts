/**
 * Taking a choice: its events are folded by the engine's own recipe, the ghosts follow, and the
 * claims about steps are checked.
 */
import type { LogEvent } from '../log/event.ts';
import type { LogHeader } from '../log/header.ts';
import { connOfStream, has, hostOfStream, RST } from '../tcp/segment.ts';
import { EDGES, stateNumber } from '../tcp/states.ts';
import type { Move } from '../tcp/step.ts';
import { applyEvent } from '../timeline/evolve.ts';
import { openWorld, type World } from '../timeline/world.ts';
import { HOSTS } from './bounds.ts';
import type { Choice } from './choices.ts';
import { type Claim, STEP_CLAIMS } from './claims.ts';
import {
  type Ghost,
  liveConns,
  type Net,
  type Node,
  noteIss,
  pastOf,
  remember,
  spend,
} from './node.ts';

export type Broken = { readonly claim: Claim; readonly found: string };

/** A step taken but not committed yet: most lead to a state that is known. */
export type Taken = {
  readonly world: World;
  readonly net: Net;
  readonly ghost: Ghost;
  readonly flights: readonly number[];
  /** Positions in EDGES of the edges taken. */
  readonly edges: readonly number[];
  readonly broken: readonly Broken[];
};

type Taking = { world: World; ghost: Ghost; flights: number[]; edges: number[]; broken: Broken[] };

const EDGE_AT: readonly number[] = (() => {
  const at = new Array<number>(121).fill(-1);
  EDGES.forEach(({ from, to }, i) => {
    at[stateNumber(from) * 11 + stateNumber(to)] = i;
  });
  return at;
})();

export function takeStep(header: LogHeader, node: Node, choice: Choice): Taken {
  const world = openWorld(header, node.snapshot, false);
  const taking: Taking = {
    world,
    ghost: spend(node.ghost, choice.budget, choice.excuse),
    flights: node.flights.slice(),
    edges: [],
    broken: [],
  };
  if (choice.budget === 'crashes') rememberAll(taking, node, choice.host);
  for (const event of choice.events) takeEvent(taking, event);
  const { base, hosts } = world;
  const net: Net = {
    time: world.time,
    hosts: base.hosts.map((host, i) => hosts[i] ?? host),
    flights: world.flights,
  };
  return { ...taking, net };
}

/** A crash leaves no trace of a connection but here. */
function rememberAll(taking: Taking, node: Node, host: number): void {
  for (const t of liveConns(node.snapshot.hosts[host] as Node['snapshot']['hosts'][number])) {
    taking.ghost = remember(taking.ghost, host, t.num, { written: t.textEnd });
  }
}

function takeEvent(taking: Taking, event: LogEvent): void {
  const { world, flights } = taking;
  applyEvent(world, event);
  if ((event.ev === 'arrive' || event.ev === 'lose') && event.n >= 0) {
    flights.splice(flights.indexOf(event.n), 1);
  }
  for (const n of world.launched) flights.push(n);
  const { step } = world;
  if (event.ev === 'arrive' && has(event.seg, RST) && step.sent.some((seg) => has(seg, RST))) {
    taking.broken.push({ claim: STEP_CLAIMS.reset, found: 'an RST was answered by an RST' });
  }
  for (const c of step.corruptions) {
    const from = `${HOSTS[hostOfStream(c.stream)]}#${connOfStream(c.stream)}`;
    const found = `${HOSTS[step.host]}#${c.conn} was handed octet ${c.from} of ${from}`;
    taking.broken.push({ claim: STEP_CLAIMS.octets, found });
  }
  for (const move of step.moves) follow(taking, step.host, move);
}

/** The ghosts and the diagram follow a move. */
function follow(taking: Taking, host: number, { tcb, from, to, rule }: Move): void {
  const edge = EDGE_AT[stateNumber(from) * 11 + stateNumber(to)] as number;
  if (edge < 0) {
    taking.broken.push({ claim: STEP_CLAIMS.edges, found: `${HOSTS[host]}: ${from} → ${to}` });
  } else taking.edges.push(edge);
  if (to === 'SYN-SENT' || to === 'SYN-RECEIVED') {
    taking.ghost = noteIss(taking.ghost, host, tcb.iss);
  }
  if (from === 'LISTEN' || from === 'SYN-SENT' || from === 'CLOSED') return;
  // Of a small TIME-WAIT record there is no TCB; what it wrote is remembered since it entered.
  const written = tcb.textEnd === undefined ? {} : { written: tcb.textEnd };
  if (to === 'TIME-WAIT') {
    const peer = tcb.peerStream < 0 ? 0 : connOfStream(tcb.peerStream);
    taking.ghost = remember(taking.ghost, host, tcb.num, { ...written, timeWait: true, peer });
  } else if (to === 'CLOSED') {
    taking.ghost = remember(taking.ghost, host, tcb.num, written);
    if (from === 'LAST-ACK' && rule === 'lastAckClosed') checkOrderly(taking, host, tcb);
  }
}

function checkOrderly(taking: Taking, host: number, tcb: Move['tcb']): void {
  if (tcb.peerStream < 0) return;
  if (pastOf(taking.ghost, 1 - host, connOfStream(tcb.peerStream))?.timeWait) return;
  const found = `${HOSTS[host]} LAST-ACK → CLOSED, the peer never was in TIME-WAIT`;
  taking.broken.push({ claim: STEP_CLAIMS.orderly, found });
}
