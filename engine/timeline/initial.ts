/** The snapshot before the first event: what the header says, nothing open, nothing sent. */
import { HashIndex } from '../base/hash-index.ts';
import { hash32, hashText } from '../base/random.ts';
import { Table } from '../base/table.ts';
import type { Host, HostTotals, Process } from '../host/host.ts';
import { createProcess } from '../host/process.ts';
import type { LogHeader } from '../log/header.ts';
import type { Flight } from '../network/flight.ts';
import type { HostSpec } from '../network/topology.ts';
import { knobsOf } from '../tcp/profiles.ts';
import { STATES } from '../tcp/states.ts';
import type { Tcb, TimeWait } from '../tcp/tcb.ts';
import type { Snapshot } from './snapshot.ts';

const NO_TOTALS: HostTotals = {
  opened: 0,
  established: 0,
  ended: 0,
  refused: 0,
  reset: 0,
  timedOut: 0,
  addrNotAvail: 0,
  timeWaitOverflow: 0,
  timeWaitReused: 0,
  listenDrops: 0,
  segmentsSent: 0,
  segmentsReceived: 0,
  retransmissions: 0,
  resetsSent: 0,
  divergences: 0,
};

function initialHost(header: LogHeader, spec: HostSpec): Host {
  return {
    name: spec.name,
    addresses: spec.addresses,
    knobs: knobsOf(spec.profile, spec.knobs),
    quietUntil: 0,
    up: true,
    key: hash32(header.seed, hashText(spec.name), 0x6b6579),
    observed: spec.observed === true,
    expected: [],
    nextConn: 1,
    perturbation: 0,
    states: STATES.map(() => 0),
    totals: NO_TOTALS,
    conns: Table.empty<Tcb>(),
    timeWaits: Table.empty<TimeWait>(),
    demux: HashIndex.empty(),
    listeners: {},
    groups: {},
  };
}

export function initialState(header: LogHeader): Snapshot {
  const processes = Table.empty<Process>().edit();
  header.apps.forEach((app, id) => {
    const host = header.hosts.findIndex((h) => h.name === app.host);
    const program = header.programs.findIndex((p) => p.name === app.program);
    // Time 0 is "waits for no time"; a process that starts at once waits for the first moment.
    processes.set(id, createProcess(id, host, program, 0, Math.max(1, app.at)));
  });
  return {
    time: 0,
    events: 0,
    hosts: header.hosts.map((spec) => initialHost(header, spec)),
    flights: Table.empty<Flight>(),
    nextFlight: 1,
    processes: processes.done(),
    nextProcess: header.apps.length,
    links: {},
    faultHits: header.faults.map(() => 0),
    planned: 0,
  };
}
