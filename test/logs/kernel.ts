// The imported logs that ship: recordings of a Linux 6.18 kernel (test/fixtures/captures/).

import { readFileSync } from 'node:fs';
import { digestOf } from '../../engine/base/digest.ts';
import { decodeCapture } from '../../engine/formats/capture/index.ts';
import { importCapture } from '../../engine/formats/import/index.ts';
import { encodeLog } from '../../engine/log/codec.ts';
import { foldAll } from '../../engine/timeline/evolve.ts';
import { initialState } from '../../engine/timeline/initial.ts';

const fixtures = new URL('../fixtures/captures/', import.meta.url);

type Recording = { readonly capture: string; readonly title: string; readonly about: string };

/** By the name of the log. */
export const KERNEL_LOGS: Readonly<Record<string, Recording>> = {
  'kernel-client-closes-first': {
    capture: 'a_client_closes_first',
    title: 'Linux: the client closes first',
    about:
      'Two Linux machines, 10 ms apart: handshake, 1000 octets up, 3000 down, close. The ACK of ' +
      'the FIN is delayed by 40 ms; FIN-WAIT-2 and TIME-WAIT are the client’s, as it closed ' +
      'first.',
  },
  'kernel-simultaneous-close': {
    capture: 'b_simultaneous_close',
    title: 'Linux: simultaneous close',
    about:
      'Both applications close at the same time, 50 ms apart: the FINs cross, both ends go ' +
      'through CLOSING, and both end in TIME-WAIT.',
  },
  'kernel-simultaneous-open': {
    capture: 'c_simultaneous_open',
    title: 'Linux: simultaneous open',
    about:
      'Both ends connect from port 5000 to port 5000 at the same time: the SYNs cross, both go ' +
      'from SYN-SENT through SYN-RECEIVED to ESTABLISHED, and nobody was listening.',
  },
  'kernel-half-close': {
    capture: 'e_half_close',
    title: 'Linux: half close',
    about:
      'The client ends its direction (SHUT_WR) and the server goes on sending for 350 ms: text ' +
      'is taken in FIN-WAIT-2, until the server closes too.',
  },
  'kernel-last-ack-lost': {
    capture: 'g_last_ack_lost',
    title: 'Linux: the last ACK is lost',
    about:
      'The ACK of the server’s FIN is lost. The server, in LAST-ACK, sends its FIN again, and ' +
      'TIME-WAIT is there to answer: what TIME-WAIT is for.',
  },
  'kernel-linger-0': {
    capture: 'e_linger0',
    title: 'Linux: SO_LINGER 0',
    about:
      'The client closes with SO_LINGER set to 0 seconds: RST instead of FIN, no TIME-WAIT. That ' +
      'the application aborted is concluded from an RST for which our TCP has no reason.',
  },
  'kernel-close-wait-leak': {
    capture: 'e_close_wait_leak',
    title: 'Linux: a CLOSE-WAIT leak',
    about:
      'The client closes, the server never does. The client’s orphan waits 60 s in FIN-WAIT-2 ' +
      'and is gone; the server stays in CLOSE-WAIT. What it sends after 70 s meets an RST.',
  },
  'kernel-time-wait-assassination': {
    capture: 'j_old_data_into_timewait_rfc1337_0',
    title: 'Linux: TIME-WAIT assassination (RFC 1337)',
    about:
      'An old text segment, forged here, reaches TIME-WAIT. The ACK that it provokes goes to a ' +
      'client that has no such connection any more; its RST ends TIME-WAIT 60 s too early.',
  },
};

/** The log of a recording, as text. */
export function kernelLogText(name: string): string {
  const recording = KERNEL_LOGS[name];
  if (recording === undefined) throw new Error(`there is no recording for ${name}`);
  const { capture, title, about } = recording;
  const file = `${capture}.pcapng`;
  const result = decodeCapture(readFileSync(new URL(file, fixtures)));
  if (!result.ok) throw new Error(result.error.found);
  const imported = importCapture(result.decoded, { file, profile: 'linux', title, about });
  if (!imported.ok) throw new Error(imported.message);
  const { header, events } = imported;
  const snapshot = foldAll(header, initialState(header), events);
  const trailer = { events: events.length, digest: digestOf(snapshot) };
  return [...encodeLog(header, events, trailer)].join('');
}
