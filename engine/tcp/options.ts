/** What an application sets on a socket; one object is shared by all that set nothing. */
export type SocketOptions = {
  readonly noDelay: boolean;
  /** Seconds of SO_LINGER; -1: off; 0: CLOSE aborts. */
  readonly linger_s: number;
  /** USER TIMEOUT of this connection; 0: the host's (RFC 5482). */
  readonly userTimeout_ms: number;
  readonly keepalive: boolean | null;
  readonly keepaliveIdle_ms: number;
  readonly keepaliveInterval_ms: number;
  readonly keepaliveProbes: number;
  /** Limit of the handshake; 0: the host's. */
  readonly keepaliveInit_ms: number;
  /** Buffers set by the application; 0: the host's. */
  readonly rcvBuf: number;
  readonly sndBuf: number;
};

export const DEFAULT_OPTIONS: SocketOptions = Object.freeze({
  noDelay: false,
  linger_s: -1,
  userTimeout_ms: 0,
  keepalive: null,
  keepaliveIdle_ms: 0,
  keepaliveInterval_ms: 0,
  keepaliveProbes: 0,
  keepaliveInit_ms: 0,
  rcvBuf: 0,
  sndBuf: 0,
});
