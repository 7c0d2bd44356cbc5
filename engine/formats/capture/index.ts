/**
 * Packet captures: bytes of a pcap or pcapng file to TCP segments and back. Decompression and files
 * are the caller's.
 */
export { type Capture, captureErrorText } from './capture.ts';
export {
  type DecodedCapture,
  decodeCapture,
  decodePackets,
  describeContents,
  type TcpFrame,
} from './decode.ts';
export { encodedLength, encodeSegment } from './encode.ts';
export type { IcmpError } from './icmp.ts';
export { LINK_ETHERNET, LINK_RAW } from './link.ts';
export { type PacketToWrite, writePcapng } from './pcapng-write.ts';
export { readCapture } from './read.ts';
