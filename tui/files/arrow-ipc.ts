/**
 * Apache Arrow's IPC stream, the one place that knows the library. It is a bundle of its own, which
 * is loaded when such a file is met: nothing else waits for it. So it imports nothing of the
 * program but types, and throws plain errors.
 *
 * Every buffer is a zstd frame with its checksum. The library would store small or random ones as
 * they are, where a flipped bit goes unnoticed, and it writes the compressed length where the
 * format wants the other one (Arrow columnar format, "Compression"), which other readers refuse;
 * both are put right here.
 */
import zlib from 'node:zlib';
import {
  Bool,
  CompressionType,
  compressionRegistry,
  type Data,
  type DataType,
  Dictionary,
  Field,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  RecordBatchReader,
  type RecordBatchStreamReader,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint16,
  Uint32,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { Column, ColumnName, Columns, Dictionaries } from '../../engine/index.ts';
import type { Message } from './arrow-frames.ts';
import { contentSize } from './zstd-frames.ts';

/** The columns of a log, in order; `COLUMNS` of the engine. */
type Spec = Readonly<Record<ColumnName, Column>>;
type Metadata = ReadonlyMap<string, string>;

const CHECKED = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };

/** Columns that say nothing are the same in every chunk: they are (de)compressed once. */
const SMALL = 64;
const KNOWN_MAX = 1024;
const inflated = new Map<string, Uint8Array>();
const zeros = new Map<number, Uint8Array>();

function compress(bytes: Uint8Array): Uint8Array {
  if (!bytes.every((byte) => byte === 0)) return zlib.zstdCompressSync(bytes, CHECKED);
  const known = zeros.get(bytes.length);
  if (known !== undefined) return known;
  const frame = zlib.zstdCompressSync(bytes, CHECKED);
  if (zeros.size < KNOWN_MAX) zeros.set(bytes.length, frame);
  return frame;
}

function decompress(frame: Uint8Array): Uint8Array {
  if (frame.length > SMALL) return inflate(frame);
  const key = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString('latin1');
  const known = inflated.get(key);
  if (known !== undefined) return known;
  const bytes = inflate(frame);
  if (inflated.size < KNOWN_MAX) inflated.set(key, bytes);
  return bytes;
}

/** Into a buffer of the size that is needed; by itself zlib takes 64 KiB for each column. */
function inflate(frame: Uint8Array): Uint8Array {
  const size = contentSize(frame);
  return zlib.zstdDecompressSync(frame, size === undefined ? {} : { chunkSize: size + 64 });
}

/** Told apart by its name: this file is a bundle of its own, with classes of its own. */
class NoZstd extends Error {
  override readonly name = 'NoZstd';
}

function refuse(): never {
  throw new NoZstd('this runtime does not know zstd');
}

// The library tries what encodes as soon as it is given it. Without zstd buffers that are not
// compressed are read and written all the same.
const known = typeof zlib.zstdCompressSync === 'function';
compressionRegistry.set(
  CompressionType.ZSTD,
  known ? { encode: compress, decode: decompress } : { decode: refuse },
);

function typeOf(type: Column['type']): DataType {
  if (typeof type === 'object') {
    return new Dictionary(new Utf8(), type.index === 'int8' ? new Int8() : new Int16());
  }
  switch (type) {
    case 'int64':
      return new Int64();
    case 'int32':
      return new Int32();
    case 'uint32':
      return new Uint32();
    case 'int16':
      return new Int16();
    case 'uint16':
      return new Uint16();
    case 'bool':
      return new Bool();
    case 'list':
      return new List(new Field('item', new Uint32(), false));
    case 'text':
      return new Utf8();
  }
}

/** The library's writer, whose messages are taken away as they are made, no byte of them copied. */
class Writer extends RecordBatchStreamWriter {
  private messages: { head: Uint8Array; body: Uint8Array[] }[] = [];
  /** What is written now: of the head of a message, or of its body. */
  private pieces: Uint8Array[] = [];

  constructor(compress: boolean) {
    super(compress ? { compressionType: CompressionType.ZSTD } : {});
  }

  take(): readonly Message[] {
    const { messages } = this;
    this.messages = [];
    return messages;
  }

  protected override _writeMessage(...args: Parameters<RecordBatchStreamWriter['_writeMessage']>) {
    this.begin(() => super._writeMessage(...args));
    return this;
  }

  /** The end of the stream is a head alone. */
  protected override _writeFooter(schema: Schema) {
    this.begin(() => super._writeFooter(schema));
    return this;
  }

  private begin(write: () => void): void {
    this.pieces = [];
    write();
    const head = Buffer.concat(this.pieces);
    this.pieces = [];
    this.messages.push({ head, body: this.pieces });
  }

  protected override _write(chunk: ArrayBufferView | ArrayBuffer): this {
    if (!this._started) return this;
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    this.pieces.push(bytes);
    this._position += bytes.length;
    return this;
  }

  /** For each buffer the length of its content, and its frame; padding is the library's work. */
  protected override _compressBodyBuffers(buffers: ArrayBufferView[]) {
    type Done = ReturnType<RecordBatchStreamWriter['_compressBodyBuffers']>;
    const regions: { offset: number; length: number }[] = [];
    const done: Uint8Array[] = [];
    let offset = 0;
    for (const { buffer, byteOffset, byteLength } of buffers) {
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      const frame = bytes.length === 0 ? bytes : compress(bytes);
      const prefix = new Uint8Array(bytes.length === 0 ? 0 : 8);
      if (bytes.length > 0) new DataView(prefix.buffer).setUint32(0, bytes.length, true);
      const length = prefix.length + frame.length;
      regions.push({ offset, length });
      done.push(prefix, frame);
      offset += (length + 7) & ~7;
    }
    return { byteLength: offset, bufferRegions: regions, buffers: done } as unknown as Done;
  }
}

export type ArrowWriter = {
  /** The schema with its metadata. */
  begin(): readonly Message[];
  /** A chunk as a record batch; the first comes with the dictionaries. */
  batch(columns: Columns): readonly Message[];
  /** An empty record batch with metadata of its own, and the end of the stream. */
  end(metadata: Metadata): readonly Message[];
};

export function createArrowWriter(
  spec: Spec,
  dictionaries: Dictionaries,
  metadata: Metadata,
  compress = true,
): ArrowWriter {
  const names = Object.keys(spec) as ColumnName[];
  const texts = vectorsOf(dictionaries);
  const types = names.map((name) => typeOf(spec[name].type));
  const fields = names.map((name, i) => {
    return new Field(name, types[i] as DataType, false, new Map([['about', spec[name].about]]));
  });
  const schema = new Schema(fields, new Map(metadata));
  const struct = new Struct(fields);
  const batchOf = (length: number, columns: Columns | undefined, more?: Metadata): RecordBatch => {
    const children = names.map((name, i) => {
      return dataOf(types[i] as DataType, spec[name], columns?.[name], length, texts);
    });
    const data = makeData({ type: struct, length, nullCount: 0, children });
    return new RecordBatch(schema, data, new Map(more));
  };
  const writer = new Writer(compress);
  return {
    begin() {
      writer.reset(undefined, schema);
      return writer.take();
    },
    batch(columns) {
      writer.write(batchOf(columns.rows, columns));
      return writer.take();
    },
    end(more) {
      writer.write(batchOf(0, undefined, more));
      writer.finish();
      return writer.take();
    },
  };
}

function vectorsOf(dictionaries: Dictionaries): ReadonlyMap<string, Vector<Utf8>> {
  const entries = Object.entries(dictionaries);
  return new Map(entries.map(([name, texts]) => [name, vectorFromArray(texts, new Utf8())]));
}

type Lists<T = Uint32Array | Uint8Array> = {
  readonly offsets: Int32Array;
  readonly values: T;
};

function dataOf(
  type: DataType,
  { type: kind }: Column,
  values: Columns[ColumnName] | undefined,
  length: number,
  texts: ReadonlyMap<string, Vector<Utf8>>,
): Data {
  const common = { length, nullCount: 0 };
  if (typeof kind === 'object') {
    const data = values as Int16Array | undefined;
    const dictionary = texts.get(kind.texts) as Vector<Utf8>;
    return makeData({ type: type as Dictionary, ...common, data: data ?? [], dictionary });
  }
  if (kind === 'list') {
    const { offsets, values: all } = (values as Lists | undefined) ?? NOTHING;
    const child = makeData({ type: new Uint32(), length: all.length, nullCount: 0, data: all });
    return makeData({ type: type as List, ...common, valueOffsets: offsets, child });
  }
  if (kind === 'text') {
    const { offsets, values: all } = (values as Lists | undefined) ?? NOTHING;
    return makeData({ type: type as Utf8, ...common, valueOffsets: offsets, data: all });
  }
  return makeData({ type: type as Uint32, ...common, data: (values as Uint32Array) ?? [] });
}

/** Times that the library may look in vain within one message. */
const ASKED_MAX = 4;

const NOTHING: Lists<Uint8Array> = { offsets: new Int32Array(1), values: new Uint8Array(0) };

export type ArrowReader = {
  /** Takes the message of the schema and gives its metadata, which are to be looked at first. */
  begin(message: Uint8Array): Metadata;
  /** Throws unless the schema has the columns of a log. */
  check(): void;
  /** Takes a message with a dictionary. */
  dictionary(message: Uint8Array): void;
  /** Takes the message of a record batch. */
  batch(message: Uint8Array): ArrowBatch;
};

export type ArrowBatch = {
  readonly metadata: Metadata;
  readonly columns: Columns;
  /** The texts that the columns' numbers stand for, as they are in the file. */
  readonly texts: ReadonlyMap<ColumnName, readonly string[]>;
};

export function createArrowReader(spec: Spec): ArrowReader {
  const queue: Uint8Array[] = [];
  // The library looks for the next bytes as soon as it has used all it was given, and would take
  // their absence for the end. Bytes that a message lacks are asked for again and again.
  function* messages(): Generator<Uint8Array, void> {
    for (let asked = 0; asked < ASKED_MAX; ) {
      const next = queue.shift();
      asked = next === undefined ? asked + 1 : 0;
      yield next ?? NOTHING.values;
    }
  }
  let reader: RecordBatchStreamReader | undefined;
  return {
    begin(message) {
      queue.push(message);
      reader = RecordBatchReader.from(messages()) as RecordBatchStreamReader;
      reader.open();
      return reader.schema.metadata;
    },
    check() {
      if (reader !== undefined) checkSchema(reader.schema, spec);
    },
    dictionary(message) {
      queue.push(message);
    },
    batch(message) {
      queue.push(message);
      const next = reader?.next();
      if (next === undefined || next.done) throw new Error('there is no record batch in it');
      const batch = next.value as RecordBatch;
      return { metadata: batch.metadata, ...columnsOf(batch, spec) };
    },
  };
}

function checkSchema(schema: Schema, spec: Spec): void {
  const names = Object.keys(spec) as ColumnName[];
  for (const [i, name] of names.entries()) {
    const field = schema.fields[i];
    const expected = `${name}: ${typeOf(spec[name].type)}`;
    const found = field === undefined ? 'nothing' : `${field.name}: ${field.type}`;
    if (found !== expected) throw new Error(`expected the column ${expected}, found ${found}`);
  }
}

function columnsOf(batch: RecordBatch, spec: Spec): Omit<ArrowBatch, 'metadata'> {
  const rows = batch.numRows;
  const columns: Record<string, unknown> = { rows };
  const texts = new Map<ColumnName, readonly string[]>();
  for (const [i, name] of (Object.keys(spec) as ColumnName[]).entries()) {
    const data = batch.data.children[i] as Data;
    const { type } = spec[name];
    const nulls = data.nullCount;
    if (data.length !== rows || nulls !== 0) {
      throw new Error(`column ${name}: expected ${rows} rows, found ${data.length}, ${nulls} null`);
    }
    columns[name] = valuesOf(data, type, rows, name);
    if (typeof type === 'object') texts.set(name, textsOf(data));
  }
  return { columns: columns as unknown as Columns, texts };
}

function valuesOf(data: Data, type: Column['type'], rows: number, name: string): unknown {
  const list = type === 'list' ? (data.children[0]?.values as Uint32Array | undefined) : undefined;
  const values = list ?? (data.values as Uint32Array | undefined) ?? new Uint32Array(0);
  if (type === 'list' || type === 'text') {
    // An empty column may come without offsets.
    const offsets = rows === 0 ? NOTHING.offsets : (data.valueOffsets as Int32Array);
    if (offsets.length >= rows + 1) return { offsets: offsets.subarray(0, rows + 1), values };
    throw new Error(`column ${name}: expected ${rows + 1} offsets, found ${offsets.length}`);
  }
  const wanted = type === 'bool' ? (rows + 7) >>> 3 : rows;
  if (values.length >= wanted) return values.subarray(0, wanted);
  throw new Error(`column ${name}: expected ${wanted} values, found ${values.length}`);
}

/** Their numbers have 16 bits with a sign. */
const TEXTS_MAX = 1 << 15;

/** Dictionaries stay the same from batch to batch: each is read once. */
const read = new WeakMap<Vector, readonly string[]>();

function textsOf({ dictionary }: Data): readonly string[] {
  if (dictionary === undefined) throw new Error('there is no dictionary');
  const known = read.get(dictionary);
  if (known !== undefined) return known;
  const { length } = dictionary;
  if (length > TEXTS_MAX) throw new Error(`expected at most ${TEXTS_MAX} texts, found ${length}`);
  const texts = Array.from(dictionary as Vector<Utf8>, (text) => text ?? '');
  read.set(dictionary, texts);
  return texts;
}
