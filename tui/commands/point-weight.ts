/**
 * How long a point of an experiment may take, before it is run: the instructions of its programs,
 * as often as they are to be carried out. A guess by which long points are begun first; where it is
 * wrong a worker is idle for a while at the end, and nothing else changes.
 */
import type { LogHeader, Micros } from './engine.ts';

export function weightOf(header: LogHeader, until: Micros): number {
  const programs = new Map(header.programs.map((program) => [program.name, program.code]));
  const weights = new Map<string, number>();
  const weigh = (name: string): number => {
    const known = weights.get(name);
    if (known !== undefined) return known;
    // Of a program that starts itself there is no end.
    weights.set(name, 0);
    const before: number[] = [];
    let sum = 0;
    for (const step of programs.get(name) ?? []) {
      before.push(sum);
      if (step.op === 'spawn') {
        const inTime = step.every > 0 ? until / step.every : step.times;
        sum += Math.min(step.times, inTime) * weigh(step.program);
      } else if (step.op === 'repeat') {
        sum += (step.times - 1) * (sum - (before[step.to] ?? sum));
      } else {
        sum += 1;
      }
    }
    weights.set(name, sum);
    return sum;
  };
  return header.apps.reduce((sum, app) => sum + weigh(app.program), 0);
}
