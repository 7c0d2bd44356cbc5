// The schema that logs/README.md promises to other programs, held against a file as another
// implementation of Arrow reads it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import {
  CompressionType,
  setCompressionCodec,
  type Table,
  Type,
  tableFromIPC,
} from '@uwdata/flechette';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  COLUMNS,
  type ColumnName,
  encodeHeader,
  flagsText,
  type LogEvent,
  type LogHeader,
  SCENARIOS,
  simulate,
} from '../../../engine/index.ts';
import { createArrowLogWriter } from '../../../tui/files/arrow.ts';
import { PROJECT } from '../../../tui/files/paths.ts';

setCompressionCodec(CompressionType.ZSTD, {
  encode: (bytes) => zlib.zstdCompressSync(bytes),
  decode: (bytes) => new Uint8Array(zlib.zstdDecompressSync(bytes)),
});

const header = SCENARIOS['last-ack-lost']?.build() as LogHeader;
const events: LogEvent[] = [...simulate(header)];
const readme = readFileSync(join(PROJECT, 'logs/README.md'), 'utf8');
let table: Table;

beforeAll(async () => {
  table = await tableOf(true);
});

async function tableOf(compress: boolean): Promise<Table> {
  const writer = await createArrowLogWriter(header, 'a', { capacity: 10, compress });
  const pieces = [writer.begin(), ...events.flatMap((event) => writer.add(event) ?? [])];
  pieces.push(writer.end({ events: events.length, digest: 'd'.repeat(64) }));
  const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)));
  return tableFromIPC(bytes, { useBigInt: true });
}

/** Types as the README writes them. */
const WRITTEN: Readonly<Record<string, string>> = { list: 'list of uint32', text: 'utf8' };

function writtenType(name: ColumnName): string {
  const { type } = COLUMNS[name];
  return typeof type === 'object' ? `dictionary of utf8, ${type.index}` : (WRITTEN[type] ?? type);
}

describe('the schema of a log in bulk', () => {
  test('stands in the README, column by column', () => {
    const rows = (Object.keys(COLUMNS) as ColumnName[]).map(
      (name) => `| \`${name}\` | ${writtenType(name)} | ${COLUMNS[name].about} |`,
    );
    const begin = readme.indexOf('| column | type | meaning |');
    const found = readme
      .slice(begin)
      .split('\n')
      .slice(2, rows.length + 3);
    expect(found).toEqual([...rows, '']);
  });

  test('is what another implementation finds', () => {
    const fields = table.schema.fields.map(({ name, nullable }) => ({ name, nullable }));
    const names = Object.keys(COLUMNS);
    expect(fields).toEqual(names.map((name) => ({ name, nullable: false })));
    expect(table.schema.metadata?.get('twomsl')).toBe(encodeHeader(header));
    expect(table.schema.fields.map(({ metadata }) => metadata?.get('about'))).toEqual(
      Object.values(COLUMNS).map(({ about }) => about),
    );
  });

  test('and the values are the same without compression', async () => {
    const raw = await tableOf(false);
    expect(raw.toArray()).toEqual(table.toArray());
    expect(raw.numRows).toBe(events.length);
  });

  test('has the types that it says', () => {
    const int = (bitWidth: number, signed: boolean) => ({ typeId: Type.Int, bitWidth, signed });
    const types: Readonly<Record<string, object>> = {
      int64: int(64, true),
      int32: int(32, true),
      uint32: int(32, false),
      int16: int(16, true),
      uint16: int(16, false),
      bool: { typeId: Type.Bool },
      text: { typeId: Type.Utf8 },
      list: { typeId: Type.List, children: [{ nullable: false, type: int(32, false) }] },
      int8: { typeId: Type.Dictionary, dictionary: { typeId: Type.Utf8 }, indices: int(8, true) },
    };
    const wide = { ...types['int8'], indices: int(16, true) };
    for (const { name, type } of table.schema.fields) {
      const ours = COLUMNS[name as ColumnName].type;
      const key = typeof ours === 'object' ? ours.index : ours;
      const expected = typeof ours === 'object' && key === 'int16' ? wide : types[key];
      expect({ name, type }).toMatchObject({ name, type: expected as object });
    }
  });

  test('holds the values, row by row and nothing but events', () => {
    expect(table.numRows).toBe(events.length);
    const at = (name: ColumnName, row: number): unknown => table.getChild(name)?.at(row);
    for (const [row, event] of events.entries()) {
      expect(at('t', row)).toBe(BigInt(event.t));
      expect(at('ev', row)).toBe(event.ev);
      const host = 'host' in event ? header.hosts[event.host]?.name : '';
      expect(at('host', row)).toBe(host);
      expect(at('inferred', row)).toBe(false);
      if (event.ev !== 'arrive') continue;
      const { seg } = event;
      expect([at('n', row), at('src', row), at('src_port', row)]).toEqual([
        ...[event.n, seg.src, seg.srcPort],
      ]);
      expect([at('dst', row), at('dst_port', row)]).toEqual([seg.dst, seg.dstPort]);
      expect([at('flags', row), at('seq', row)]).toEqual([flagsText(seg.flags), seg.seq]);
      expect([at('ack', row), at('wnd', row), at('len', row)]).toEqual([seg.ack, seg.wnd, seg.len]);
      expect([at('ts', row), at('ts_val', row)]).toEqual([seg.ts, seg.tsVal]);
      expect([at('mss', row), at('wscale', row)]).toEqual([seg.mss, seg.wscale]);
    }
    const told = events.map((_, row) => at('json', row)).filter((line) => line !== '');
    expect(told.length).toBe(1);
    expect(JSON.parse(told[0] as string)).toMatchObject({ ev: 'call', call: 'OPEN' });
  });

  test('answers the query of the README', () => {
    expect(readme).toContain("WHERE ev = 'arrive' AND flags = 'F.'");
    const fins = new Map<string, number>();
    for (const row of table) {
      if (row['ev'] !== 'arrive' || row['flags'] !== 'F.') continue;
      fins.set(row['host'], (fins.get(row['host']) ?? 0) + 1);
    }
    const expected = events.filter((event) => event.ev === 'arrive' && event.seg.flags === 17);
    expect([...fins.values()].reduce((sum, count) => sum + count, 0)).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(0);
  });
});
