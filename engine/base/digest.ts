/**
 * One text and one number for a state, whichever way it was reached. Canonical JSON has sorted
 * keys and no spaces (RFC 8785 for what JSON can say); the digest is the SHA-256 of its UTF-8. Two
 * runtimes that folded the same log agree on it, and so do two builds of the same state whose
 * tables have grown in a different order.
 *
 * State is a tree of plain values. What else is in it speaks for itself with `toCanonical`: a
 * table gives its entries, an index or a cache gives undefined and is left out. Anything that JSON
 * would bend silently (NaN, a Map, a function, undefined in a list) is a broken invariant here.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import { InvariantError } from './assert.ts';

/**
 * What a class does to be part of a digest: an iterable counts as a list, undefined as "leave me
 * out", anything else stands for itself.
 */
export type Canonical = { toCanonical(): unknown };

/** So many scraps of text are joined to one piece: some 20 KB, far from one string for all. */
const SCRAPS = 4096;

/** The canonical JSON of a value as one text: for tests and small states. */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = [];
  new Writer((piece) => pieces.push(piece)).whole(value);
  return pieces.join('');
}

/** SHA-256 of the canonical JSON, 64 hex digits. A large state never becomes one string. */
export function digestOf(value: unknown): string {
  const hash = sha256.create();
  new Writer((piece) => hash.update(utf8ToBytes(piece))).whole(value);
  return bytesToHex(hash.digest());
}

type Shape = { readonly keys: readonly string[]; readonly order: readonly Member[] };
type Member = { readonly key: string; readonly label: string; readonly nextLabel: string };

class Writer {
  private readonly flush: (piece: string) => void;
  private scraps: string[] = [];
  /** Where we are, for messages. */
  private readonly path: (string | number)[] = [];
  /** Records of one kind follow each other: their sorted keys are kept, by their first key. */
  private readonly shapes = new Map<string | undefined, Shape>();

  constructor(flush: (piece: string) => void) {
    this.flush = flush;
  }

  whole(value: unknown): void {
    this.write(value);
    this.handOver();
  }

  /** Pieces end between two values, never inside a character. */
  private handOver(): void {
    this.flush(this.scraps.join(''));
    this.scraps = [];
  }

  private write(value: unknown): void {
    if (typeof value === 'number' && Number.isFinite(value)) {
      this.scraps.push(`${value}`); // -0 is written as 0.
    } else if (typeof value === 'string') {
      this.scraps.push(JSON.stringify(value));
    } else if (typeof value === 'boolean' || value === null) {
      this.scraps.push(`${value}`);
    } else if (typeof value === 'object') {
      this.writeObject(value);
    } else {
      this.fail(typeof value === 'number' ? `${value}` : `a value of type ${typeof value}`);
    }
  }

  private writeObject(value: object): void {
    if (Array.isArray(value)) {
      this.writeList(value);
    } else if (isCanonical(value)) {
      const stands = value.toCanonical();
      if (isIterable(stands)) this.writeList(stands);
      else this.write(stands);
    } else if (isPlain(value)) {
      this.writeMembers(value);
    } else {
      this.fail(`an instance of ${value.constructor.name}`);
    }
  }

  private writeList(items: Iterable<unknown>): void {
    let index = 0;
    this.scraps.push('[');
    for (const item of items) {
      if (index > 0) this.scraps.push(',');
      this.path.push(index);
      this.write(item);
      this.path.pop();
      index += 1;
      if (this.scraps.length >= SCRAPS) this.handOver();
    }
    this.scraps.push(']');
  }

  private writeMembers(value: Readonly<Record<string, unknown>>): void {
    let first = true;
    this.scraps.push('{');
    for (const { key, label, nextLabel } of this.membersOf(value)) {
      const member = value[key];
      if (isLeftOut(member)) continue;
      this.scraps.push(first ? label : nextLabel);
      first = false;
      this.path.push(key);
      this.write(member);
      this.path.pop();
    }
    this.scraps.push('}');
  }

  private membersOf(value: object): readonly Member[] {
    const keys = Object.keys(value);
    const known = this.shapes.get(keys[0]);
    if (known !== undefined && sameKeys(known.keys, keys)) return known.order;
    const order = [...keys].sort().map((key) => {
      const label = `${JSON.stringify(key)}:`;
      return { key, label, nextLabel: `,${label}` };
    });
    this.shapes.set(keys[0], { keys, order });
    return order;
  }

  private fail(found: string): never {
    const where = this.path.length === 0 ? 'the top' : this.path.join('.');
    throw new InvariantError(`no canonical form at ${where}: found ${found}`);
  }
}

function isCanonical(value: object): value is Canonical {
  return typeof (value as Partial<Canonical>).toCanonical === 'function';
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isLeftOut(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined;
  return isCanonical(value) && value.toCanonical() === undefined;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}
