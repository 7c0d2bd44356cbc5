// Builds capture files byte by byte, in either byte order, so that tests do not lean on the writer
// that they test.

export function join(...parts: readonly (ArrayLike<number> | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

export function half(value: number, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2));
  view.setUint16(0, value, little);
  return new Uint8Array(view.buffer);
}

export function word(value: number, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, little);
  return new Uint8Array(view.buffer);
}

export function long(value: bigint, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, value, little);
  return new Uint8Array(view.buffer);
}

/** The bytes written in hexadecimal, blanks between them or not. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function pad(data: ArrayLike<number>): Uint8Array {
  return join(data, new Uint8Array((4 - (data.length % 4)) % 4));
}

export type PcapPacket = {
  seconds?: number;
  fraction?: number;
  data: Uint8Array;
  originalLength?: number;
};

export type PcapKind = { little?: boolean; nanos?: boolean; linkType?: number; snapLen?: number };

export function pcapHeader(kind: PcapKind = {}): Uint8Array {
  const { little = true, nanos = false, linkType = 101, snapLen = 65_535 } = kind;
  return join(
    word(nanos ? 0xa1b23c4d : 0xa1b2c3d4, little),
    half(2, little),
    half(4, little),
    word(0, little),
    word(0, little),
    word(snapLen, little),
    word(linkType, little),
  );
}

export function pcapFile(packets: readonly PcapPacket[], kind: PcapKind = {}): Uint8Array {
  const little = kind.little ?? true;
  const records = packets.map(({ seconds = 0, fraction = 0, data, originalLength }) =>
    join(
      word(seconds, little),
      word(fraction, little),
      word(data.length, little),
      word(originalLength ?? data.length, little),
      data,
    ),
  );
  return join(pcapHeader(kind), ...records);
}

export function block(type: number, body: ArrayLike<number>, little = true): Uint8Array {
  const length = word(12 + body.length, little);
  return join(word(type, little), length, body, length);
}

export function sectionHeader(little = true, major = 1): Uint8Array {
  const magic = word(0x1a2b3c4d, little);
  return block(
    0x0a0d0d0a,
    join(magic, half(major, little), half(0, little), long(-1n, little)),
    little,
  );
}

export function option(code: number, value: ArrayLike<number>, little = true): Uint8Array {
  return join(half(code, little), half(value.length, little), pad(value));
}

export type InterfaceKind = { linkType?: number; snapLen?: number; options?: Uint8Array };

export function interfaceBlock(kind: InterfaceKind = {}, little = true): Uint8Array {
  const { linkType = 101, snapLen = 0, options = new Uint8Array(0) } = kind;
  const fixed = join(half(linkType, little), half(0, little), word(snapLen, little));
  return block(1, join(fixed, options), little);
}

export type BlockPacket = {
  id?: number;
  stamp?: bigint;
  data?: Uint8Array;
  originalLength?: number;
  options?: Uint8Array;
};

function packetBody(packet: BlockPacket, id: Uint8Array, little: boolean): Uint8Array {
  const { stamp = 0n, data = new Uint8Array(0), originalLength = data.length } = packet;
  return join(
    id,
    word(Number(stamp >> 32n), little),
    word(Number(stamp & 0xffff_ffffn), little),
    word(data.length, little),
    word(originalLength, little),
    pad(data),
    packet.options ?? new Uint8Array(0),
  );
}

export function enhancedPacket(packet: BlockPacket = {}, little = true): Uint8Array {
  return block(6, packetBody(packet, word(packet.id ?? 0, little), little), little);
}

export function obsoletePacket(packet: BlockPacket = {}, little = true): Uint8Array {
  const id = join(half(packet.id ?? 0, little), half(7, little));
  return block(2, packetBody(packet, id, little), little);
}

export function simplePacket(data: Uint8Array, originalLength: number, little = true): Uint8Array {
  return block(3, join(word(originalLength, little), pad(data)), little);
}
