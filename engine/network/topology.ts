/** Hosts and links as a scenario names them; part of the header of a log. */
import type { Micros } from '../base/time.ts';
import type { Knobs } from '../tcp/knobs.ts';

export type HostSpec = {
  readonly name: string;
  /** One or more addresses, IPv4 or IPv6, canonical text. */
  readonly addresses: readonly string[];
  /** Name of the profile the knobs start from. */
  readonly profile: string;
  /** Knobs that differ from the profile. */
  readonly knobs: Partial<Knobs>;
  /**
   * A recorded host: what it sends is not derived but observed, and its TCP is made to follow.
   */
  readonly observed?: boolean;
};

/** What a link does to segments. All of it is drawn from the seed, segment by segment. */
export type LinkRules = {
  /** One-way delay. */
  readonly delay: Micros;
  /** Greatest extra delay, uniformly drawn: a segment may overtake another by it. */
  readonly jitter: Micros;
  /** Probabilities, 0 to 1. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** Extra delay of a segment that is reordered. */
  readonly reorderDelay: Micros;
};

/** A link that only delays. */
export function cleanLink(delay: Micros): LinkRules {
  return { delay, jitter: 0, loss: 0, duplicate: 0, reorder: 0, reorderDelay: 0 };
}

/** Whether a link does nothing but delay. */
export function isClean(link: LinkRules): boolean {
  const { jitter, loss, duplicate, reorder } = link;
  return jitter === 0 && loss === 0 && duplicate === 0 && reorder === 0;
}

export type LinkSpec = LinkRules & {
  readonly a: string;
  readonly b: string;
};

/** One exact thing that happens to one segment. */
export type FaultSpec = {
  readonly from: string;
  readonly to: string;
  /** All that are given must match; `flags` as tcpdump writes them, compared without PSH. */
  readonly match: {
    readonly flags?: string;
    readonly text?: boolean;
    readonly srcPort?: number;
    readonly dstPort?: number;
    readonly after?: Micros;
  };
  /** Which of the matching segments: 1 the first; `times` of them. */
  readonly nth: number;
  readonly times: number;
  readonly act:
    | { readonly kind: 'lose' }
    | { readonly kind: 'delay'; readonly us: Micros }
    /** The segment passes, and a copy comes later by so much. */
    | { readonly kind: 'copy'; readonly us: Micros };
};
