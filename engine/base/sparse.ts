/**
 * Numbers by whole ids of which few are not 0 at a time, as those of connections that are open: a
 * window that moves on over ids that are never used again. Pages of them are made where a number is
 * stored, and given up when all of theirs are 0.
 */

const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;

type Page = { readonly values: Float64Array; used: number };

export type Sparse = { readonly pages: Map<number, Page>; near: Page | undefined; nearAt: number };

export function createSparse(): Sparse {
  return { pages: new Map(), near: undefined, nearAt: -1 };
}

/** The page of an id. That of the one before is mostly that of the next. */
function pageOf(s: Sparse, id: number): Page | undefined {
  const at = Math.floor(id / PAGE);
  if (at !== s.nearAt) {
    s.near = s.pages.get(at);
    s.nearAt = at;
  }
  return s.near;
}

/** The number of an id; 0 where none was set. */
export function sparseGet(s: Sparse, id: number): number {
  const page = pageOf(s, id);
  return page === undefined ? 0 : (page.values[id % PAGE] as number);
}

/** Sets the number of an id; 0 gives its place up. */
export function sparseSet(s: Sparse, id: number, value: number): void {
  let page = pageOf(s, id);
  if (page === undefined) {
    if (value === 0) return;
    page = { values: new Float64Array(PAGE), used: 0 };
    s.pages.set(s.nearAt, page);
    s.near = page;
  }
  const at = id % PAGE;
  const before = page.values[at] as number;
  page.values[at] = value;
  if (before === 0 && value !== 0) page.used += 1;
  if (before === 0 || value !== 0) return;
  page.used -= 1;
  if (page.used > 0) return;
  s.pages.delete(s.nearAt);
  s.near = undefined;
}
