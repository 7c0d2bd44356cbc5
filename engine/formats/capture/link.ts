/**
 * What stands before the IP header, by link type (the LINKTYPE_ values of
 * draft-ietf-opsawg-pcaplinktype): Ethernet with VLAN tags (IEEE 802.1Q, 802.1ad), raw IP, the two
 * headers that Linux writes for captures on all interfaces, and the family word of BSD loopbacks.
 *
 * Left out: tunnels and labels (PPPoE, MPLS), 802.11 and PPP; they are counted as not IP or as an
 * unknown link type.
 */
import { type Skip, skip } from './skip.ts';
import { u8, u16, u32 } from './wire.ts';

const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
/** DLT_RAW of BSD systems and of OpenBSD, which some writers put into files. */
const LINK_RAW_BSD = 12;
const LINK_RAW_OPENBSD = 14;
export const LINK_RAW = 101;
const LINK_LOOP = 108;
const LINK_LINUX_SLL = 113;
const LINK_IPV4 = 228;
const LINK_IPV6 = 229;
const LINK_LINUX_SLL2 = 276;

/** Some that are not read, under the names that people know them by. */
const LINK_NAMES = new Map([
  [9, 'PPP'],
  [105, 'IEEE 802.11'],
  [117, 'OpenBSD pflog'],
  [127, 'IEEE 802.11 with radiotap'],
  [239, 'Linux NFLOG'],
]);

const ETHERNET_BYTES = 14;
const SLL_BYTES = 16;
const SLL2_BYTES = 20;
const FAMILY_BYTES = 4;

const TYPE_IPV4 = 0x0800;
const TYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad and the numbers used before 802.1ad was written. */
const TYPES_VLAN = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);
const TYPE_NAMES = new Map([
  [0x0806, 'ARP'],
  [0x8035, 'RARP'],
  [0x8847, 'MPLS'],
  [0x8863, 'PPPoE'],
  [0x8864, 'PPPoE'],
  [0x888e, 'EAPOL'],
  [0x88cc, 'LLDP'],
]);
/** Below this an Ethernet type is a length (IEEE 802.3). */
const TYPE_MIN = 0x0600;

const AF_INET = 2;
/** AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS. */
const AF_INET6 = new Set([10, 23, 24, 28, 30]);

/** Where the IP header begins in the bytes of a packet. */
export function ipOffset(linkType: number, data: Uint8Array): number | Skip {
  switch (linkType) {
    case LINK_ETHERNET:
      return afterType(data, 12, ETHERNET_BYTES);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
      return 0;
    case LINK_LINUX_SLL:
      return afterType(data, 14, SLL_BYTES);
    case LINK_LINUX_SLL2:
      return afterType(data, 0, SLL2_BYTES);
    case LINK_NULL:
    case LINK_LOOP:
      return afterFamily(data);
    default: {
      const name = LINK_NAMES.get(linkType);
      const what = name === undefined ? `link type ${linkType}` : `${name} (link type ${linkType})`;
      return skip('unknown link type', what);
    }
  }
}

/** The type field at `typeAt` belongs to what follows at `next`; a VLAN tag moves both on. */
function afterType(data: Uint8Array, typeAt: number, next: number): number | Skip {
  let at = next;
  if (data.length < at) return skip('cut header', 'link header');
  let type = u16(data, typeAt);
  while (TYPES_VLAN.has(type)) {
    // Two bytes of tag, then the type of what is tagged.
    at += 4;
    if (data.length < at) return skip('cut header', 'link header');
    type = u16(data, at - 2);
  }
  if (type === TYPE_IPV4 || type === TYPE_IPV6) return at;
  if (type < TYPE_MIN) return skip('not IP', 'IEEE 802.3 frame');
  return skip('not IP', TYPE_NAMES.get(type) ?? `Ethernet type 0x${hex4(type)}`);
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** The family is in the byte order of the capturing machine (NULL) or of the network (LOOP). */
function afterFamily(data: Uint8Array): number | Skip {
  if (data.length < FAMILY_BYTES) return skip('cut header', 'link header');
  const word = u32(data, 0);
  const family = word > 0xffff ? u8(data, 0) | (u8(data, 1) << 8) : word;
  if (family === AF_INET || AF_INET6.has(family)) return FAMILY_BYTES;
  return skip('not IP', `address family ${family}`);
}
