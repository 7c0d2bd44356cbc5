/**
 * Workers that run points of an experiment, in a pool of threads.
 *
 * Results come by number, so the order in which points end does not show. Where several points
 * fail, the first by number is told, which is the one that a run without workers comes to: the
 * points before it are run to their end, those after it are given up.
 */
import type { Piscina } from 'piscina';
import { Failure, reasonOf } from '../files/failure.ts';
import type { Row } from './engine.ts';
import type { PointAnswer, PointTask } from './point-worker.ts';

export type Job = Omit<PointTask, 'at'>;

export type Crew = {
  /** Runs points in the order given, each to its place in `rows`. */
  run(points: readonly number[], rows: Row[]): Promise<void>;
  /** Ends the workers, whatever they are doing. */
  close(): Promise<void>;
};

/** The sources find the worker's source, the bundle finds what build.ts put beside it. */
const SOURCES = import.meta.url.endsWith('.ts');
const WORKER = new URL(SOURCES ? './point-worker.ts' : './point-worker.js', import.meta.url);

/** Workers that begin to start. Where they cannot, the first point says so. */
export async function openCrew(job: Job, size: number): Promise<Crew> {
  // Loaded late: most commands, and most small experiments, need no workers.
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: WORKER.href,
    name: 'runPoint',
    minThreads: size,
    maxThreads: size,
    idleTimeout: Number.POSITIVE_INFINITY,
    // A worker that waits by Atomics.wait hears nothing else; here the few messages cost nothing.
    atomics: 'disabled',
    recordTiming: false,
  });
  // What ends a worker is told by the point that it was running.
  pool.on('error', () => undefined);
  return {
    run: (points, rows) => runAll(pool, size, job, points, rows),
    close: () => pool.destroy(),
  };
}

/** A point for each worker at a time: those that wait are numbers in a list and nothing more. */
async function runAll(
  pool: Piscina,
  size: number,
  job: Job,
  points: readonly number[],
  rows: Row[],
): Promise<void> {
  const running = new Map<number, AbortController>();
  let taken = 0;
  let failedAt = Number.POSITIVE_INFINITY;
  let failure: unknown;
  const lane = async (): Promise<void> => {
    for (let at = points[taken++]; at !== undefined; at = points[taken++]) {
      if (at > failedAt) continue;
      const stop = new AbortController();
      running.set(at, stop);
      try {
        rows[at] = await runPoint(pool, { ...job, at }, stop.signal);
      } catch (error) {
        if (at > failedAt) continue;
        failedAt = at;
        failure = error;
        for (const [other, its] of running) if (other > at) its.abort();
      } finally {
        running.delete(at);
      }
    }
  };
  await Promise.all(Array.from({ length: size }, lane));
  if (failure !== undefined) throw failure;
}

async function runPoint(pool: Piscina, task: PointTask, signal: AbortSignal): Promise<Row> {
  let answer: PointAnswer;
  try {
    answer = await pool.run(task, { signal });
  } catch (error) {
    const todo = 'With --jobs 1 there are no workers';
    const where = `${task.script}: point ${task.at + 1}`;
    throw new Failure(`${where}: its worker has ended: ${reasonOf(error)}. ${todo}`);
  }
  if ('failure' in answer) throw new Failure(answer.failure);
  return answer.row;
}
