// Measurements in rounds. A round runs each of them once, so that a machine that grows slower or
// faster on the way does so to all alike; a ratio is taken within each round, and then its median.

export type Aim = { readonly least?: number; readonly most?: number };

export type Row = {
  readonly name: string;
  /** In words. */
  readonly what: string;
  readonly unit: string;
  /** Of each round; none: it is missing. */
  readonly values: readonly number[];
  readonly aim?: Aim;
  /** Why there is no value. */
  readonly missing?: string;
  /** How much of a core the process was given, by median: at 0.5 it may be twice as fast alone. */
  readonly coreShare?: number;
};

type Named = Pick<Row, 'name' | 'what' | 'unit' | 'aim'>;

export type Measure = Named & {
  /** The figure of one round. */
  readonly run: () => number | Promise<number>;
  /** Done by another process, whose share of a core is not known here. */
  readonly outside?: true;
};

type Once = { readonly value: number; readonly share: number };

/**
 * Nothing is collected by force beforehand: that would throw away the code that was compiled for
 * what is gone, and a short measurement would then be one of the compiler.
 */
async function once({ run }: Measure): Promise<Once> {
  const from = performance.now();
  const before = process.cpuUsage();
  const value = await run();
  const { user, system } = process.cpuUsage(before);
  return { value, share: (user + system) / 1_000 / (performance.now() - from) };
}

/**
 * Where there are several rounds, one more goes before them for the compiler, and is not told; what
 * another process does needs none.
 */
export async function inRounds(rounds: number, measures: readonly Measure[]): Promise<Row[]> {
  const warm = rounds > 1 ? measures.filter(({ outside }) => outside !== true) : [];
  for (const measure of warm) await once(measure);
  const found = measures.map((): Once[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, measure] of measures.entries()) found[i]?.push(await once(measure));
  }
  return measures.map(({ run: _, outside, ...named }, i) => {
    const values = found[i]?.map(({ value }) => value) ?? [];
    const coreShare = median(found[i]?.map(({ share }) => share) ?? []);
    return { ...named, values, ...(outside ? {} : { coreShare }) };
  });
}

/** A row of values that were found in another way. */
export function row(
  named: Named,
  found: readonly number[] | number | { readonly missing: string },
): Row {
  if (typeof found === 'number') return { ...named, values: [found] };
  if ('missing' in found) return { ...named, values: [], missing: found.missing };
  return { ...named, values: found };
}

/** How many times the one is of the other. */
export function ratio(named: Omit<Named, 'unit'>, over: Row, under: Row): Row {
  const missing = over.missing ?? under.missing;
  const whole = { ...named, unit: '×' };
  if (missing !== undefined) return { ...whole, values: [], missing };
  const paired = over.values.length === under.values.length;
  const values = paired
    ? over.values.map((value, i) => value / (under.values[i] as number))
    : [median(over.values) / median(under.values)];
  return { ...whole, values };
}

export function find(rows: readonly Row[], name: string): Row {
  const found = rows.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no row ${name}`);
  return found;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** So many things a second. */
export function perSecond(count: number, work: () => unknown): number {
  const from = performance.now();
  work();
  return (count * 1_000) / (performance.now() - from);
}
