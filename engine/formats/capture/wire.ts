/**
 * Numbers in network byte order at a place in a packet, and the Internet checksum (RFC 1071).
 * Beyond the end of the bytes everything reads as zero: who reads checks the length first.
 */

export function u8(data: Uint8Array, at: number): number {
  return data[at] ?? 0;
}

export function u16(data: Uint8Array, at: number): number {
  return (u8(data, at) << 8) | u8(data, at + 1);
}

export function u32(data: Uint8Array, at: number): number {
  return ((u16(data, at) << 16) | u16(data, at + 2)) >>> 0;
}

export function putU16(data: Uint8Array, at: number, value: number): void {
  data[at] = value >>> 8;
  data[at + 1] = value;
}

export function putU32(data: Uint8Array, at: number, value: number): void {
  putU16(data, at, value >>> 16);
  putU16(data, at + 2, value & 0xffff);
}

/** The sum of the 16-bit words from `start` to `end`, carries not yet folded in. */
export function sumWords(data: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 2) {
    sum += (u8(data, at) << 8) | (at + 1 < end ? u8(data, at + 1) : 0);
  }
  return sum;
}

/** The checksum field for a sum: carries folded in, then the complement. */
export function checksumOf(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}
