/**
 * Which names somebody may have meant: those that the fewest edits lead to (Levenshtein), or that
 * begin with or contain what was written.
 */

/** At most `count` names, the likeliest first; far ones are left out if others are near. */
export function nearest(written: string, names: readonly string[], count = 3): string[] {
  const { ranked, close } = rank(written, names);
  return (close.length > 0 ? close : ranked).slice(0, count).map(({ name }) => name);
}

/** The same, but none where no name is near: of many names far ones would only mislead. */
export function near(written: string, names: readonly string[], count = 3): string[] {
  return rank(written, names)
    .close.slice(0, count)
    .map(({ name }) => name);
}

function rank(written: string, names: readonly string[]) {
  const ranked = names
    .map((name) => ({ name, far: farness(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  const limit = Math.max(2, written.length / 2);
  return { ranked, close: ranked.filter(({ far }) => far <= limit) };
}

/** Half an edit for each missing character where one name holds the other. */
function farness(a: string, b: string): number {
  const held = a !== '' && (b.includes(a) || a.includes(b));
  const edits = distance(a, b);
  return held ? Math.min(edits, 1 + Math.abs(a.length - b.length) / 8) : edits;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
