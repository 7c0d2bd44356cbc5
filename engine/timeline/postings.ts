/**
 * Many ascending lists of numbers, each number with a small tag, in little memory: where a
 * connection or a port occurs in a log.
 *
 * A number is written as its distance from the one before it in the list, with the tag in the four
 * lowest bits, seven bits an octet (the highest bit: more follows). The octets of a list stand in
 * chunks of {@link CHUNK} octets, the first four of which say which chunk goes before; all lists
 * share one store, which grows by pages and never moves. What is known of a list's end stands in a
 * row of its own, so that adding to one among millions touches two places of memory.
 */

const CHUNK = 32;
const PAGE = 1 << 16;
const HEAD = 4;
const TAGS = 16;

/** Of the row of a list: its last chunk + 1 (0: the list is empty). */
const TAIL = 0;
/** The octets used in that chunk, and above them the tag that was added last. */
const USED = 1;
const USED_BITS = 8;
const LAST = 2;
const COUNT = 3;
const ROW = 4;

export type Postings = {
  readonly pages: Uint8Array[];
  chunks: number;
  /** Rows by list. */
  rows: Int32Array;
};

export function createPostings(): Postings {
  return { pages: [], chunks: 0, rows: new Int32Array(256 * ROW) };
}

export function postingsCount(p: Postings, list: number): number {
  return p.rows[list * ROW + COUNT] ?? 0;
}

/** The number that was added last; -1: none. */
export function lastPosting(p: Postings, list: number): number {
  const row = list * ROW;
  return isEmpty(p, row) ? -1 : (p.rows[row + LAST] as number);
}

/** The tag of the number that was added last; -1: none. */
export function lastTag(p: Postings, list: number): number {
  const row = list * ROW;
  return isEmpty(p, row) ? -1 : (p.rows[row + USED] as number) >> USED_BITS;
}

function isEmpty(p: Postings, row: number): boolean {
  return row >= p.rows.length || p.rows[row + TAIL] === 0;
}

/** Adds a number that is greater than those before, below 2^31, with a tag from 0 to 15. */
export function addPosting(p: Postings, list: number, value: number, tag: number): void {
  const row = list * ROW;
  if (row >= p.rows.length) enlarge(p, row);
  const { rows } = p;
  const entry = (value - lastPosting(p, list)) * TAGS + tag;
  let used = usedOf(p, row);
  if (rows[row + TAIL] === 0 || used + octetsOf(entry) > CHUNK) {
    newChunk(p, row);
    used = HEAD;
  }
  const chunk = (rows[row + TAIL] as number) - 1;
  const page = pageOf(p, chunk);
  const start = startOf(chunk);
  let at = start + used;
  let rest = entry;
  while (rest > 127) {
    page[at] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
    at += 1;
  }
  page[at] = rest;
  rows[row + USED] = (at + 1 - start) | (tag << USED_BITS);
  rows[row + LAST] = value;
  rows[row + COUNT] = (rows[row + COUNT] as number) + 1;
}

/** The numbers of a list, ascending, each with its tag: [number, tag, number, tag, …]. */
export function readPostings(p: Postings, list: number): readonly number[] {
  const chunks: number[] = [];
  const row = list * ROW;
  let link = p.rows[row + TAIL] ?? 0;
  while (link > 0) {
    chunks.push(link - 1);
    link = linkOf(p, link - 1);
  }
  const out: number[] = [];
  let value = -1;
  for (let i = chunks.length - 1; i >= 0; i -= 1) {
    const chunk = chunks[i] as number;
    const page = pageOf(p, chunk);
    const start = startOf(chunk);
    // An unfinished chunk is followed by zeros; no entry is zero, for distances are at least 1.
    const end = start + (i === 0 ? usedOf(p, row) : CHUNK);
    let at = start + HEAD;
    while (at < end && page[at] !== 0) {
      let entry = 0;
      let scale = 1;
      while ((page[at] as number) > 127) {
        entry += ((page[at] as number) & 127) * scale;
        scale *= 128;
        at += 1;
      }
      entry += (page[at] as number) * scale;
      at += 1;
      value += Math.floor(entry / TAGS);
      out.push(value, entry % TAGS);
    }
  }
  return out;
}

/** Octets of memory, those held in reserve included. */
export function postingsBytes(p: Postings): number {
  return p.pages.length * PAGE + p.rows.byteLength;
}

function usedOf(p: Postings, row: number): number {
  return (p.rows[row + USED] as number) & ((1 << USED_BITS) - 1);
}

function octetsOf(entry: number): number {
  let octets = 1;
  for (let rest = entry; rest > 127; rest = Math.floor(rest / 128)) octets += 1;
  return octets;
}

function pageOf(p: Postings, chunk: number): Uint8Array {
  return p.pages[Math.floor((chunk * CHUNK) / PAGE)] as Uint8Array;
}

/** Where in its page a chunk begins. */
function startOf(chunk: number): number {
  return (chunk * CHUNK) % PAGE;
}

/** Begins a chunk for the list of a row. */
function newChunk(p: Postings, row: number): void {
  const start = startOf(p.chunks);
  if (start === 0) p.pages.push(new Uint8Array(PAGE));
  const page = pageOf(p, p.chunks);
  p.chunks += 1;
  const before = p.rows[row + TAIL] as number;
  for (let i = 0; i < HEAD; i += 1) page[start + i] = before >>> (8 * i);
  p.rows[row + TAIL] = p.chunks;
}

/** The chunk before, + 1; 0: none. */
function linkOf(p: Postings, chunk: number): number {
  const page = pageOf(p, chunk);
  const start = startOf(chunk);
  let link = 0;
  for (let i = HEAD - 1; i >= 0; i -= 1) link = link * 256 + (page[start + i] as number);
  return link;
}

function enlarge(p: Postings, row: number): void {
  const rows = new Int32Array(Math.max(row + ROW, p.rows.length * 2));
  rows.set(p.rows);
  p.rows = rows;
}
