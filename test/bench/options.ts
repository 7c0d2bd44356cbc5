// What a measurement is told on the command line, the same for all of them:
//   --quick    small sizes and one round: shows that it works, not how fast it is
//   --json     one object on stdout instead of a table
//   a number   how many events the log has, or connections, where a measurement has such a size

const words = process.argv.slice(2);

export const quick = words.includes('--quick');
export const json = words.includes('--json');

const given = words.find((word) => /^\d+$/.test(word));

/** A size: as given on the command line, or else one of two. */
export function size(whole: number, small: number): number {
  return given === undefined ? either(whole, small) : Number(given);
}

export function either<T>(whole: T, small: T): T {
  return quick ? small : whole;
}
