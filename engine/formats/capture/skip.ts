/** Why a packet of a capture gives no segment. A value, counted and shown, never an error. */

export type SkipReason =
  | 'unknown link type'
  | 'not IP'
  | 'not TCP'
  | 'fragment'
  | 'cut header'
  | 'malformed header';

/** `what` names the thing found, for people: `ARP`, `UDP`, `later fragment of a TCP segment`. */
export type Skip = { reason: SkipReason; what: string };

export function skip(reason: SkipReason, what: string): Skip {
  return { reason, what };
}

export function isSkip<T extends object>(value: T | Skip): value is Skip {
  return 'reason' in value;
}
