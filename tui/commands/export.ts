/**
 * `twomsl export`: one end of a connection as a packetdrill script. That of a simulated log passes
 * when it is run; that of a recording does as far as our TCP does what the recorded one did.
 */
import { Failure } from '../files/failure.ts';
import { userPath } from '../files/paths.ts';
import { openSink } from '../files/write.ts';
import { buildTimeline, exportScript, type Timeline } from './engine.ts';
import { INTERRUPTED, type Io, OK, warn } from './io.ts';
import { loadLog } from './load.ts';

export type ExportArgs = {
  log: string;
  format: string;
  connection: string;
  end?: 'client' | 'server';
  out?: string;
  force?: true;
};

export async function exportLog(args: ExportArgs, io: Io): Promise<number> {
  const log = await loadLog(args.log, io);
  if (log === undefined) return INTERRUPTED;
  const builder = buildTimeline(log.header);
  for (const event of log.events) builder.add(event);
  const { host, conn } = endOf(builder.timeline, args.connection, args.end);
  const exported = exportScript(log.header, [...log.events], host, conn);
  if (!exported.ok) throw new Failure(`${args.connection}: ${exported.message}`);
  warn(io, log.warnings);
  const name = args.out ?? '-';
  const path = userPath(name, io.cwd);
  const sink = await openSink({ path, name, force: args.force === true, stdout: io.out });
  await sink.write(exported.script);
  await sink.close();
  return OK;
}

type End = { readonly host: number; readonly conn: number };

/** A connection by either of its names, `client#1`; its other end if that one is asked for. */
function endOf(timeline: Timeline, text: string, end: ExportArgs['end']): End {
  const { hosts } = timeline.header;
  const cut = text.lastIndexOf('#');
  const host = hosts.findIndex(({ name }) => name === text.slice(0, cut));
  const conn = Number(text.slice(cut + 1));
  if (cut < 0 || host < 0 || !Number.isInteger(conn)) {
    const example = `${hosts[0]?.name ?? 'client'}#1`;
    throw new Failure(`--connection ${text}: expected a host and a number, such as ${example}`);
  }
  const life = timeline.biography(host, conn);
  if (life === undefined || life.remotePort === 0) {
    throw new Failure(`--connection ${text}: the log has no such connection`);
  }
  const opened = timeline.at(life.born + 1).hosts[host]?.conns.get(conn)?.opened;
  const mine = opened === 'passive' ? 'server' : 'client';
  if (end === undefined || end === mine) return { host, conn };
  if (life.peerHost < 0 || life.peerConn <= 0) {
    throw new Failure(`--end ${end}: the log does not have the other end of ${text}`);
  }
  return { host: life.peerHost, conn: life.peerConn };
}
