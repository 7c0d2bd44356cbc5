/**
 * The eleven states of a connection and the edges between them (RFC 9293 §3.3.2, Figure 5), as
 * data.
 *
 * The engine never reads the edges to decide anything: states follow from segments, calls and
 * timers. They serve to draw the diagram, to name an edge that was taken, and to check that no
 * other ever is.
 */
export const STATES = [
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;

export type State = (typeof STATES)[number];

const NUMBER_OF: ReadonlyMap<string, number> = new Map(STATES.map((state, i) => [state, i]));

/** Position of a state in {@link STATES}. */
export function stateNumber(state: State): number {
  return NUMBER_OF.get(state) as number;
}

export function isState(text: string): text is State {
  return NUMBER_OF.has(text);
}

/** The synchronized states of RFC 9293 §3.3.2: ESTABLISHED and all after it. */
export function isSynchronized(state: State): boolean {
  return stateNumber(state) >= 4;
}

export type Edge = {
  from: State;
  to: State;
  /** What takes it, in the words of Figure 5. */
  on: string;
  /** Where the RFC says so. */
  source: string;
};

const edge = (from: State, to: State, on: string, source: string): Edge => ({
  from,
  to,
  on,
  source,
});

/** Every edge a connection may take. */
export const EDGES: readonly Edge[] = [
  edge('CLOSED', 'LISTEN', 'passive OPEN', 'RFC 9293 §3.10.1'),
  edge('CLOSED', 'SYN-SENT', 'active OPEN / snd SYN', 'RFC 9293 §3.10.1'),
  edge('LISTEN', 'SYN-SENT', 'SEND or active OPEN / snd SYN', 'RFC 9293 §3.10.1, §3.10.2'),
  edge('LISTEN', 'SYN-RECEIVED', 'rcv SYN / snd SYN,ACK', 'RFC 9293 §3.10.7.2'),
  edge('LISTEN', 'CLOSED', 'CLOSE or ABORT', 'RFC 9293 §3.10.4'),
  edge('SYN-SENT', 'SYN-RECEIVED', 'rcv SYN / snd SYN,ACK', 'RFC 9293 §3.10.7.3'),
  edge('SYN-SENT', 'ESTABLISHED', 'rcv SYN,ACK / snd ACK', 'RFC 9293 §3.10.7.3'),
  edge('SYN-SENT', 'CLOSED', 'CLOSE, ABORT, rcv RST or timeout', 'RFC 9293 §3.10.7.3'),
  edge('SYN-RECEIVED', 'ESTABLISHED', 'rcv ACK of SYN', 'RFC 9293 §3.10.7.4'),
  edge('SYN-RECEIVED', 'FIN-WAIT-1', 'CLOSE / snd FIN', 'RFC 9293 §3.10.4'),
  edge('SYN-RECEIVED', 'LISTEN', 'rcv RST or SYN, after a passive OPEN', 'RFC 9293 §3.10.7.4'),
  edge('SYN-RECEIVED', 'CLOSED', 'ABORT, rcv RST or timeout', 'RFC 9293 §3.10.7.4'),
  edge('ESTABLISHED', 'FIN-WAIT-1', 'CLOSE / snd FIN', 'RFC 9293 §3.10.4'),
  edge('ESTABLISHED', 'CLOSE-WAIT', 'rcv FIN / snd ACK', 'RFC 9293 §3.10.7.4'),
  edge('ESTABLISHED', 'CLOSED', 'ABORT, rcv RST or timeout', 'RFC 9293 §3.10.5'),
  edge('FIN-WAIT-1', 'FIN-WAIT-2', 'rcv ACK of FIN', 'RFC 9293 §3.10.7.4'),
  edge('FIN-WAIT-1', 'CLOSING', 'rcv FIN / snd ACK', 'RFC 9293 §3.10.7.4'),
  edge('FIN-WAIT-1', 'CLOSED', 'ABORT, rcv RST or timeout', 'RFC 9293 §3.10.5'),
  edge('FIN-WAIT-2', 'TIME-WAIT', 'rcv FIN / snd ACK', 'RFC 9293 §3.10.7.4'),
  edge('FIN-WAIT-2', 'CLOSED', 'ABORT, rcv RST or timeout', 'RFC 9293 §3.10.5'),
  edge('CLOSE-WAIT', 'LAST-ACK', 'CLOSE / snd FIN', 'RFC 9293 §3.10.4'),
  edge('CLOSE-WAIT', 'CLOSED', 'ABORT, rcv RST or timeout', 'RFC 9293 §3.10.5'),
  edge('CLOSING', 'TIME-WAIT', 'rcv ACK of FIN', 'RFC 9293 §3.10.7.4'),
  edge('CLOSING', 'CLOSED', 'ABORT, rcv RST or timeout', 'RFC 9293 §3.10.7.4'),
  edge('LAST-ACK', 'CLOSED', 'rcv ACK of FIN, ABORT, rcv RST or timeout', 'RFC 9293 §3.10.7.4'),
  edge('TIME-WAIT', 'CLOSED', '2 MSL timeout, ABORT, rcv RST or newer SYN', 'RFC 9293 §3.10.8'),
];

export function findEdge(from: State, to: State): Edge | undefined {
  return EDGES.find((e) => e.from === from && e.to === to);
}
