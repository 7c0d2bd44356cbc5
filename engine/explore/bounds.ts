/**
 * What is explored, and how far: two hosts, A and B, and budgets for what may happen.
 *
 * Budgets bound the space, they are no probabilities: within them everything is tried. What is left
 * out of the TCP for it is told by {@link STILLED}, each knob with its reason.
 */

import { FORMAT_VERSION, type LogHeader, SEMANTICS_VERSION } from '../log/header.ts';
import { cleanLink } from '../network/topology.ts';
import type { Knobs } from '../tcp/knobs.ts';

/** What one step may cost, and how much there is of it. */
export const BUDGETS = {
  opens: 'OPEN calls',
  sends: 'octets sent, one by one',
  losses: 'segments lost',
  duplicates: 'segments that arrive once more',
  expiries: 'expiries of the retransmission timer',
  aborts: 'ABORT calls',
  giveUps: 'connections given up: USER TIMEOUT, or a SYN that nobody answers',
  crashes: 'hosts that crash and come up again at once',
} as const;

export type Budget = keyof typeof BUDGETS;

/** Where an exploration starts, and what leads there. */
export const STARTS = {
  closed: 'both sides CLOSED, no connection yet',
  listening: 'B has called OPEN passive',
  crossing: 'both have called OPEN active',
  established: 'both ESTABLISHED, A by OPEN active, B by OPEN passive',
  'time-wait': "A in TIME-WAIT, B CLOSED, a copy of A's only octet still on its way",
} as const;

export type Start = keyof typeof STARTS;

export type Bounds = { readonly [K in Budget]: number } & {
  readonly start: Start;
  /** Steps from the start at most. */
  readonly depth: number;
  /** States at most. */
  readonly statesMax: number;
  /**
   * What CLOSE is: the RFC's, which ends sending alone; the sockets', after which nobody reads
   * either; or both are tried.
   */
  readonly close: 'rfc' | 'socket' | 'any';
  /**
   * The ISS of a later incarnation: beyond all numbers of the earlier (the clock of RFC 9293
   * §3.4.1), or the same again, the worst that can be, so that TIME-WAIT alone must guard it.
   */
  readonly iss: 'clock' | 'same';
};

export const DEFAULT_BOUNDS: Bounds = {
  start: 'closed',
  opens: 2,
  sends: 0,
  losses: 0,
  duplicates: 0,
  expiries: 0,
  aborts: 0,
  giveUps: 0,
  crashes: 0,
  depth: 100,
  statesMax: 2_000_000,
  close: 'rfc',
  iss: 'clock',
};

/**
 * Knobs set on both hosts, whatever the profile says, so that time and round trips decide nothing
 * but when a timer fires, and that may be at any moment here.
 */
export const STILLED: Partial<Knobs> = {
  // Windows far above the few octets in flight would only tell equal states apart.
  congestion: 'none',
  // They carry the clock. PAWS never acts within one exploration: it takes less than a second.
  timestamps: false,
  window_scaling: false,
  // A report of what was received speeds up a recovery; here every recovery has one octet.
  sack: false,
  // Two octets are to be two segments that can overtake each other.
  nagle: false,
  // Rate limits are about time. Without them every answer is given.
  challenge_acks_max: 0,
  keepalive: false,
  // Giving up is a choice of its own, with a budget: at the second expiry for a SYN, by the USER
  // timer for text; never by a count or a time of retransmissions.
  syn_retries: 1,
  syn_linear: 0,
  synack_retries: 1,
  r2_retries: 0,
  r2_ms: 0,
  orphan_retries: 0,
  user_timeout_ms: 300_000,
};

export const HOSTS = ['A', 'B'] as const;
export const ADDRESSES = ['10.0.0.1', '10.0.0.2'] as const;
export const PORTS = [1000, 2000] as const;

/** One-way delay that a written log shows; exploring itself knows no delays. */
const LINK_DELAY = 10_000;

/**
 * Virtual time of one step. No deadline passes within an exploration of some hundred steps, and the
 * clock of the ISS moves on by more than the few octets that an incarnation sends.
 */
export const STEP_US = 250;
export const NUMBERS_PER_STEP = Math.floor(STEP_US / 4);

/** The ISS of every incarnation where it is to be the same. */
const SAME_ISS = [0x1000_0000, 0x5000_0000] as const;

/** The ISS that an OPEN is given; -1: by the clock. */
export function issOf(host: number, bounds: Bounds): number {
  return bounds.iss === 'same' ? (SAME_ISS[host] as number) : -1;
}

export type Ground = {
  readonly profile: string;
  readonly knobs: Partial<Knobs>;
  readonly bounds: Bounds;
};

/** The header of every log that an exploration writes. */
export function headerFor(ground: Ground, title: string, about: string): LogHeader {
  return {
    format: 'twomsl',
    version: FORMAT_VERSION,
    semantics: SEMANTICS_VERSION,
    id: 'explored',
    title,
    about,
    seed: 1,
    source: { kind: 'simulation', scenario: 'explore' },
    hosts: HOSTS.map((name, i) => ({
      name,
      addresses: [ADDRESSES[i] as string],
      profile: ground.profile,
      knobs: { ...STILLED, ...ground.knobs },
    })),
    links: [],
    defaultLink: cleanLink(LINK_DELAY),
    faults: [],
    programs: [],
    apps: [],
  };
}
