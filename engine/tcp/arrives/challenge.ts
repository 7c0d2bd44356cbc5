/** The ACKs that answer what cannot be taken, and their rate limit (RFC 5961 §7). */
import { mayChallenge } from '../acceptability.ts';
import { has, type Segment, SYN, segLen } from '../segment.ts';
import { sendAck } from '../send.ts';
import { because, type Step } from '../step.ts';
import type { Tcb } from '../tcb.ts';

/** A challenge ACK, if the rate limit lets it out. */
export function challenge(s: Step, t: Tcb): void {
  if (mayChallenge(s, t)) sendAck(s, t);
  else because(s, 'rateLimited');
}

/** <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>; a SYN counts as an attack and against the rate limit. */
export function answerByAck(s: Step, t: Tcb, seg: Segment): void {
  // Two ends that disagree must not answer each other's bare ACKs for ever.
  const bare = segLen(seg) === 0 && s.knobs.bare_answers_limited;
  if (has(seg, SYN) || bare) challenge(s, t);
  else sendAck(s, t);
}
