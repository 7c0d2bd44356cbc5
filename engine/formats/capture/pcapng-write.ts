/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng): one section, little-endian, nanosecond stamps,
 * one enhanced packet block for each packet. Wireshark and tcpdump read it.
 */
import { assert } from '../../base/assert.ts';
import type { CapturedPacket, CaptureInterface } from './capture.ts';

/** What a packet of a capture needs to be written again. */
export type PacketToWrite = Omit<CapturedPacket, 'index' | 'offset'>;

const SECTION_BYTES = 28;
const INTERFACE_BYTES = 20;
const PACKET_BYTES = 32;
/** if_tsresol: units of 10^-9 s. */
const NANOSECONDS = 9;
const STAMP_MAX = 0xffff_ffff_ffff_ffffn;

export function writePcapng(
  packets: readonly PacketToWrite[],
  interfaces: readonly CaptureInterface[],
): Uint8Array {
  const names = interfaces.map((of) => new TextEncoder().encode(of.name));
  let size = SECTION_BYTES;
  for (const name of names) size += interfaceBytes(name);
  for (const packet of packets) size += packetBytes(packet);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);

  let at = writeSectionHeader(view);
  for (const [index, of] of interfaces.entries()) {
    const name = names[index] ?? new Uint8Array(0);
    at = writeInterface(bytes, view, at, of, name);
  }
  for (const packet of packets) {
    assert(packet.interface < interfaces.length, () => `no interface ${packet.interface}`);
    at = writePacket(bytes, view, at, packet);
  }
  assert(at === size, 'writePcapng: blocks of another size than counted');
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function interfaceBytes(name: Uint8Array): number {
  const nameOption = name.length === 0 ? 0 : 4 + padded(name.length);
  return INTERFACE_BYTES + nameOption + 8 + 4;
}

function packetBytes(packet: PacketToWrite): number {
  return PACKET_BYTES + padded(packet.data.length);
}

/** The type and both lengths of a block. */
function frameBlock(view: DataView, at: number, type: number, length: number): number {
  view.setUint32(at, type, true);
  view.setUint32(at + 4, length, true);
  view.setUint32(at + length - 4, length, true);
  return at + length;
}

function writeSectionHeader(view: DataView): number {
  view.setUint32(8, 0x1a2b3c4d, true);
  view.setUint16(12, 1, true);
  // The length of the section: not said.
  view.setBigInt64(16, -1n, true);
  return frameBlock(view, 0, 0x0a0d0d0a, SECTION_BYTES);
}

function writeInterface(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  of: CaptureInterface,
  name: Uint8Array,
): number {
  view.setUint16(at + 8, of.linkType, true);
  view.setUint32(at + 12, of.snapLen, true);
  let option = at + 16;
  if (name.length > 0) {
    view.setUint16(option, 2, true);
    view.setUint16(option + 2, name.length, true);
    bytes.set(name, option + 4);
    option += 4 + padded(name.length);
  }
  view.setUint16(option, 9, true);
  view.setUint16(option + 2, 1, true);
  view.setUint8(option + 4, NANOSECONDS);
  // Then the end of the options: four zero bytes.
  return frameBlock(view, at, 1, interfaceBytes(name));
}

function writePacket(bytes: Uint8Array, view: DataView, at: number, packet: PacketToWrite): number {
  const stamp_ns = BigInt(packet.time_us) * 1000n + BigInt(packet.rest_ns);
  assert(stamp_ns >= 0n && stamp_ns <= STAMP_MAX, () => `no time stamp: ${stamp_ns} ns`);
  view.setUint32(at + 8, packet.interface, true);
  view.setUint32(at + 12, Number(stamp_ns >> 32n), true);
  view.setUint32(at + 16, Number(stamp_ns & 0xffff_ffffn), true);
  view.setUint32(at + 20, packet.data.length, true);
  view.setUint32(at + 24, packet.originalLength, true);
  bytes.set(packet.data, at + 28);
  return frameBlock(view, at, 6, packetBytes(packet));
}
