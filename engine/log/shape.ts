/**
 * Small records of a log described as data: the fields in their written order, what each may hold,
 * and what is left out when written. One description serves reading and writing, so they agree.
 */
import {
  choiceAt,
  flagAt,
  type Json,
  objectAt,
  onlyFields,
  portAt,
  seqAt,
  shareAt,
  textAt,
  wholeAt,
} from './fields.ts';
import { Malformed, show } from './problem.ts';

export type Kind =
  | 'count'
  /** A whole number of either sign. */
  | 'whole'
  | 'port'
  | 'seq'
  | 'share'
  | 'flag'
  | 'text'
  | 'name'
  | 'flag or null'
  /** One of these texts. */
  | readonly string[];

export type Member = {
  readonly kind: Kind;
  /** May be absent, and then is so in memory too. */
  readonly optional?: boolean;
  /** Stands for an absent field, and is left out when written. */
  readonly absent?: unknown;
};

export type Shape = Readonly<Record<string, Member>>;

export function scalarAt(kind: Kind, value: unknown, path: string): unknown {
  if (typeof kind === 'object') return choiceAt(value, kind, path);
  switch (kind) {
    case 'count':
      return wholeAt(value, path);
    case 'whole':
      return wholeAt(value, path, Number.MIN_SAFE_INTEGER);
    case 'port':
      return portAt(value, path);
    case 'seq':
      return seqAt(value, path);
    case 'share':
      return shareAt(value, path);
    case 'flag':
      return flagAt(value, path);
    case 'text':
      return textAt(value, path);
    case 'name':
      if (textAt(value, path) !== '') return value;
      throw new Malformed(path, 'a name', show(value));
    case 'flag or null':
      return value === null ? null : flagAt(value, path);
  }
}

const knownFields = new Map<Shape, ReadonlySet<string>>();

function fieldsOf(shape: Shape): ReadonlySet<string> {
  const known = knownFields.get(shape);
  if (known !== undefined) return known;
  const fields = new Set(Object.keys(shape));
  knownFields.set(shape, fields);
  return fields;
}

/** Reads a record of a shape; with `partial` every field may be absent. */
export function readShape(shape: Shape, value: unknown, path: string, partial = false): Json {
  const json = objectAt(value, path);
  onlyFields(json, fieldsOf(shape), path);
  const record: Record<string, unknown> = {};
  for (const name in shape) {
    const member = shape[name] as Member;
    const found = json[name];
    if (found !== undefined) record[name] = scalarAt(member.kind, found, `${path}.${name}`);
    else if (partial || member.optional) continue;
    else if (member.absent !== undefined) record[name] = member.absent;
    else scalarAt(member.kind, undefined, `${path}.${name}`);
  }
  return record;
}

/** The record with its fields in the shape's order and without those that go without saying. */
export function writeShape(shape: Shape, record: object, partial = false): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const name in shape) {
    const value = (record as Json)[name];
    if (value === undefined || (!partial && value === shape[name]?.absent)) continue;
    json[name] = value;
  }
  return json;
}
