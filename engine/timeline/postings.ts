/**
 * Many ascending lists of numbers, each number with a small tag, in little memory: where a
 * connection or a port occurs in a log.
 *
 * A number is written as its distance from the one before it in the list, with the tag in the four
 * lowest bits, seven bits an octet (the highest bit: more follows). The octets of a list stand in
 * chunks of {@link CHUNK} octets, the first four of which say which chunk goes before; all lists
 * share one store, which grows by pages and never moves.
 */

const CHUNK = 32;
const PAGE = 1 << 16;
const HEAD = 4;
const TAGS = 16;

export type Postings = {
  readonly pages: Uint8Array[];
  chunks: number;
  /** By list: its last chunk + 1 (0: the list is empty), and the octets used in it. */
  tail: Uint32Array;
  used: Uint8Array;
  last: Float64Array;
  lastTag: Uint8Array;
  count: Uint32Array;
};

export function createPostings(): Postings {
  return {
    pages: [],
    chunks: 0,
    tail: new Uint32Array(256),
    used: new Uint8Array(256),
    last: new Float64Array(256),
    lastTag: new Uint8Array(256),
    count: new Uint32Array(256),
  };
}

export function postingsCount(p: Postings, list: number): number {
  return list < p.count.length ? (p.count[list] as number) : 0;
}

/** The number that was added last; -1: none. */
export function lastPosting(p: Postings, list: number): number {
  return postingsCount(p, list) === 0 ? -1 : (p.last[list] as number);
}

/** The tag of the number that was added last; -1: none. */
export function lastTag(p: Postings, list: number): number {
  return postingsCount(p, list) === 0 ? -1 : (p.lastTag[list] as number);
}

/** Adds a number that is greater than those before, with a tag from 0 to 15. */
export function addPosting(p: Postings, list: number, value: number, tag: number): void {
  if (list >= p.tail.length) enlarge(p, list);
  let rest = (value - lastPosting(p, list)) * TAGS + tag;
  if ((p.tail[list] as number) === 0 || (p.used[list] as number) + octetsOf(rest) > CHUNK) {
    newChunk(p, list);
  }
  const chunk = (p.tail[list] as number) - 1;
  const page = p.pages[Math.floor((chunk * CHUNK) / PAGE)] as Uint8Array;
  const start = (chunk * CHUNK) % PAGE;
  let at = start + (p.used[list] as number);
  while (rest > 127) {
    page[at] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
    at += 1;
  }
  page[at] = rest;
  p.used[list] = at + 1 - start;
  p.last[list] = value;
  p.lastTag[list] = tag;
  p.count[list] = (p.count[list] as number) + 1;
}

/** The numbers of a list, ascending, each with its tag: [number, tag, number, tag, …]. */
export function readPostings(p: Postings, list: number): readonly number[] {
  const chunks: number[] = [];
  let link = list < p.tail.length ? (p.tail[list] as number) : 0;
  while (link > 0) {
    chunks.push(link - 1);
    link = linkOf(p, link - 1);
  }
  const out: number[] = [];
  let value = -1;
  for (let i = chunks.length - 1; i >= 0; i -= 1) {
    const chunk = chunks[i] as number;
    const page = p.pages[Math.floor((chunk * CHUNK) / PAGE)] as Uint8Array;
    const start = (chunk * CHUNK) % PAGE;
    // An unfinished chunk is followed by zeros; no entry is zero, for distances are at least 1.
    const end = start + (i === 0 ? (p.used[list] as number) : CHUNK);
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
  return p.pages.length * PAGE + p.tail.length * (4 + 1 + 8 + 1 + 4);
}

function octetsOf(entry: number): number {
  let octets = 1;
  for (let rest = entry; rest > 127; rest = Math.floor(rest / 128)) octets += 1;
  return octets;
}

function newChunk(p: Postings, list: number): void {
  const chunk = p.chunks;
  p.chunks += 1;
  const number = Math.floor((chunk * CHUNK) / PAGE);
  const page = p.pages[number] ?? new Uint8Array(PAGE);
  p.pages[number] = page;
  const start = (chunk * CHUNK) % PAGE;
  const before = p.tail[list] as number;
  for (let i = 0; i < HEAD; i += 1) page[start + i] = before >>> (8 * i);
  p.tail[list] = chunk + 1;
  p.used[list] = HEAD;
}

/** The chunk before, + 1; 0: none. */
function linkOf(p: Postings, chunk: number): number {
  const page = p.pages[Math.floor((chunk * CHUNK) / PAGE)] as Uint8Array;
  const start = (chunk * CHUNK) % PAGE;
  let link = 0;
  for (let i = HEAD - 1; i >= 0; i -= 1) link = link * 256 + (page[start + i] as number);
  return link;
}

function enlarge(p: Postings, list: number): void {
  const capacity = Math.max(list + 1, p.tail.length * 2);
  const grown = <T extends Uint32Array | Uint8Array | Float64Array>(to: T, from: T): T => {
    to.set(from);
    return to;
  };
  p.tail = grown(new Uint32Array(capacity), p.tail);
  p.used = grown(new Uint8Array(capacity), p.used);
  p.last = grown(new Float64Array(capacity), p.last);
  p.lastTag = grown(new Uint8Array(capacity), p.lastTag);
  p.count = grown(new Uint32Array(capacity), p.count);
}
