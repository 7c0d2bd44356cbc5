/**
 * Whether the metadata of an Arrow message, a flatbuffer, stay within the message: every offset,
 * text and list in it. The library believes the lengths that it finds, and would make a column for
 * each of four billion that a damaged byte tells of. Tables and numbers of their fields are those
 * of the Arrow columnar format (Message.fbs, Schema.fbs).
 */

const PREFIX = 8;
/** Of a struct in a list: FieldNode and Buffer have two numbers of 64 bits each. */
const PAIR = 16;
/** Far more rows than a batch has, and far fewer than a number of 64 bits can tell. */
const ROWS_MAX = 2n ** 31n;
const DEPTH_MAX = 32;

const MESSAGE = { type: 1, header: 2, metadata: 4 } as const;
const SCHEMA = { fields: 1, metadata: 2 } as const;
const FIELD = { name: 0, type: 3, dictionary: 4, children: 5, metadata: 6 } as const;
const KEY_VALUE = { key: 0, value: 1 } as const;
const DICTIONARY = { data: 1 } as const;
const BATCH = { length: 0, nodes: 1, buffers: 2 } as const;

type Reader = {
  readonly view: DataView;
  /** Tables that may still be met: more than fit would be met twice. */
  tables: number;
};

/** Throws if metadata point beyond their end. */
export function checkMetadata(message: Uint8Array): void {
  const whole = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const length = whole.getUint32(4, true);
  const view = new DataView(message.buffer, message.byteOffset + PREFIX, length);
  const r: Reader = { view, tables: length >> 2 };
  try {
    checkMessage(r, tableAt(r, 0));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error('its metadata point beyond their end');
  }
}

function checkMessage(r: Reader, message: number): void {
  const type = fieldAt(r, message, MESSAGE.type);
  const header = fieldAt(r, message, MESSAGE.header);
  if (type < 0 || header < 0) throw new Error('its metadata tell no kind of message');
  const kind = r.view.getUint8(type);
  const table = tableAt(r, header);
  if (kind === 1) checkSchema(r, table);
  else if (kind === 2) checkBatch(r, tableAt(r, needed(r, table, DICTIONARY.data)));
  else if (kind === 3) checkBatch(r, table);
  eachTable(r, message, MESSAGE.metadata, (pair) => checkPair(r, pair));
}

function checkSchema(r: Reader, schema: number): void {
  eachTable(r, schema, SCHEMA.fields, (field) => checkField(r, field, 1));
  eachTable(r, schema, SCHEMA.metadata, (pair) => checkPair(r, pair));
}

function checkField(r: Reader, field: number, depth: number): void {
  if (depth > DEPTH_MAX) throw new Error(`its columns are nested more than ${DEPTH_MAX} deep`);
  checkText(r, field, FIELD.name);
  for (const part of [FIELD.type, FIELD.dictionary]) {
    const at = fieldAt(r, field, part);
    if (at >= 0) tableAt(r, at);
  }
  eachTable(r, field, FIELD.children, (child) => checkField(r, child, depth + 1));
  eachTable(r, field, FIELD.metadata, (pair) => checkPair(r, pair));
}

function checkPair(r: Reader, pair: number): void {
  checkText(r, pair, KEY_VALUE.key);
  checkText(r, pair, KEY_VALUE.value);
}

function checkBatch(r: Reader, batch: number): void {
  const length = fieldAt(r, batch, BATCH.length);
  if (length >= 0) checkRows(r.view.getBigInt64(length, true));
  const nodes = listAt(r, batch, BATCH.nodes, PAIR);
  for (let i = 0; i < nodes.length; i += 1) {
    checkRows(r.view.getBigInt64(nodes.start + i * PAIR, true));
  }
  listAt(r, batch, BATCH.buffers, PAIR);
}

function checkRows(rows: bigint): void {
  if (rows < 0n || rows > ROWS_MAX) throw new Error(`its metadata tell of ${rows} rows`);
}

/** The table that an offset at a place leads to. */
function tableAt(r: Reader, place: number): number {
  r.tables -= 1;
  const at = place + r.view.getUint32(place, true);
  if (r.tables < 0) throw new RangeError('more tables than there is room for');
  const fields = at - r.view.getInt32(at, true);
  const end = fields + r.view.getUint16(fields, true);
  const own = at + r.view.getUint16(fields + 2, true);
  if (end > r.view.byteLength || own > r.view.byteLength) throw new RangeError('a table');
  return at;
}

/** Where a field of a table stands; -1: it is left out. */
function fieldAt({ view }: Reader, table: number, field: number): number {
  const fields = table - view.getInt32(table, true);
  const at = 4 + 2 * field;
  const relative = at + 2 <= view.getUint16(fields, true) ? view.getUint16(fields + at, true) : 0;
  return relative === 0 ? -1 : table + relative;
}

function needed(r: Reader, table: number, field: number): number {
  const at = fieldAt(r, table, field);
  if (at < 0) throw new Error('its metadata lack what a dictionary has');
  return at;
}

/** The list that a field leads to; one that is left out is empty. */
function listAt(r: Reader, table: number, field: number, size: number) {
  const at = fieldAt(r, table, field);
  if (at < 0) return { start: 0, length: 0 };
  const list = at + r.view.getUint32(at, true);
  const length = r.view.getUint32(list, true);
  const start = list + 4;
  if (start + length * size > r.view.byteLength) throw new RangeError('a list');
  return { start, length };
}

function eachTable(r: Reader, table: number, field: number, check: (table: number) => void): void {
  const { start, length } = listAt(r, table, field, 4);
  for (let i = 0; i < length; i += 1) check(tableAt(r, start + 4 * i));
}

function checkText(r: Reader, table: number, field: number): void {
  listAt(r, table, field, 1);
}
