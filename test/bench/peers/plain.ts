// The fold into plain records that are changed in place: the least that a fold of the eleven states
// can cost. Its rules also serve the slice of Redux, whose drafts look like plain records.

import type { Stimulus } from './stimuli.ts';

export type End = {
  state: string;
  sndUna: number;
  sndNxt: number;
  rcvNxt: number;
  bytes: number;
  reads: number;
};

export function newEnd(): End {
  return { state: 'CLOSED', sndUna: 0, sndNxt: 0, rcvNxt: 0, bytes: 0, reads: 0 };
}

/** What an event does to the end that it is about. */
export function move(end: End, s: Stimulus): void {
  switch (s.type) {
    case 'OPEN':
      end.state = 'SYN-SENT';
      opened(end, s);
      return;
    case 'LISTEN':
      end.state = 'LISTEN';
      return;
    case 'SYN':
      end.state = 'SYN-RECEIVED';
      opened(end, s);
      end.rcvNxt = (s.seq + 1) >>> 0;
      return;
    case 'SYN_ACK':
      if (end.state === 'SYN-SENT') end.state = 'ESTABLISHED';
      end.sndUna = s.ack;
      end.rcvNxt = (s.seq + 1) >>> 0;
      return;
    case 'SEND':
      end.sndNxt = (end.sndNxt + s.len) >>> 0;
      return;
    case 'READ':
      end.reads += 1;
      return;
    case 'CLOSE':
      closed(end);
      return;
    case 'ACK':
    case 'FIN':
      acknowledged(end, s);
      if (s.type === 'FIN') finished(end);
      return;
    case 'RST':
    case 'TIMEOUT':
      end.state = 'CLOSED';
      return;
    case 'OTHER':
  }
}

function opened(end: End, s: Stimulus): void {
  end.sndUna = s.iss;
  end.sndNxt = (s.iss + 1) >>> 0;
}

function closed(end: End): void {
  if (end.state === 'CLOSE-WAIT') end.state = 'LAST-ACK';
  else if (end.state === 'ESTABLISHED' || end.state === 'SYN-RECEIVED') end.state = 'FIN-WAIT-1';
  else return;
  end.sndNxt = (end.sndNxt + 1) >>> 0;
}

function acknowledged(end: End, s: Stimulus): void {
  end.sndUna = s.ack;
  end.bytes += s.len;
  end.rcvNxt = (end.rcvNxt + s.len) >>> 0;
  if (end.state === 'SYN-RECEIVED') {
    end.state = 'ESTABLISHED';
    return;
  }
  if (end.sndUna !== end.sndNxt) return;
  if (end.state === 'FIN-WAIT-1') end.state = 'FIN-WAIT-2';
  else if (end.state === 'CLOSING') end.state = 'TIME-WAIT';
  else if (end.state === 'LAST-ACK') end.state = 'CLOSED';
}

function finished(end: End): void {
  end.rcvNxt = (end.rcvNxt + 1) >>> 0;
  if (end.state === 'ESTABLISHED') end.state = 'CLOSE-WAIT';
  else if (end.state === 'FIN-WAIT-1') end.state = 'CLOSING';
  else if (end.state === 'FIN-WAIT-2') end.state = 'TIME-WAIT';
}

export function plainFold(ends: Map<number, End>, stimuli: readonly Stimulus[]): void {
  for (const s of stimuli) {
    if (s.end < 0) continue;
    let end = ends.get(s.end);
    if (end === undefined) {
      end = newEnd();
      ends.set(s.end, end);
    }
    move(end, s);
    if (end.state === 'CLOSED') ends.delete(s.end);
  }
}
