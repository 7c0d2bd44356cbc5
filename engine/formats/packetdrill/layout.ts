/**
 * The options of a segment as they stand in its header: their order, and the `nop` and `eol`
 * between and after them, which differ between stacks and which scripts compare.
 */
import type { Knobs } from '../../tcp/knobs.ts';
import { has, type Segment, SYN } from '../../tcp/segment.ts';
import type { WrittenOption } from './ast.ts';

const NOP: WrittenOption = { kind: 'nop' };
const EOL: WrittenOption = { kind: 'eol' };

/** The options of a segment that a stack with this layout sends. */
export function layOut(seg: Segment, layout: Knobs['option_layout']): readonly WrittenOption[] {
  return layout === 'linux' ? layOutLinux(seg) : layOutMssFirst(seg);
}

const timestamps = (seg: Segment): WrittenOption => ({
  kind: 'TS',
  val: seg.tsVal,
  ecr: seg.tsEcr,
});

/**
 * FreeBSD's tcp_addoptions: MSS, window scale, SACK permitted, timestamps, SACK; each moved by
 * `nop` to where the value after its two-octet head is aligned, the whole filled up by `eol`.
 */
function layOutMssFirst(seg: Segment): readonly WrittenOption[] {
  const options: WrittenOption[] = [];
  let octets = 0;
  const put = (option: WrittenOption, length: number, remainder: number, of: number): void => {
    while (octets % of !== remainder) {
      options.push(NOP);
      octets += 1;
    }
    options.push(option);
    octets += length;
  };
  if (seg.mss > 0) put({ kind: 'mss', value: seg.mss }, 4, 0, 4);
  if (seg.wscale >= 0) put({ kind: 'wscale', value: seg.wscale }, 3, 1, 2);
  if (seg.sackOk) put({ kind: 'sackOK' }, 2, 0, 2);
  if (seg.ts) put(timestamps(seg), 10, 2, 4);
  if (seg.sack !== null) put({ kind: 'sack', edges: seg.sack }, 2 + 4 * seg.sack.length, 2, 4);
  while (octets % 4 !== 0) {
    options.push(EOL);
    octets += 1;
  }
  return options;
}

/** Linux's tcp_options_write: SACK permitted fills the place of two `nop` before timestamps. */
function layOutLinux(seg: Segment): readonly WrittenOption[] {
  const options: WrittenOption[] = [];
  const fill = (): void => {
    options.push(NOP, NOP);
  };
  if (seg.mss > 0) options.push({ kind: 'mss', value: seg.mss });
  const sackOk = seg.sackOk && has(seg, SYN);
  if (seg.ts) {
    if (sackOk) options.push({ kind: 'sackOK' });
    else fill();
    options.push(timestamps(seg));
  } else if (sackOk) {
    fill();
    options.push({ kind: 'sackOK' });
  }
  if (seg.wscale >= 0) options.push(NOP, { kind: 'wscale', value: seg.wscale });
  if (seg.sack !== null) {
    fill();
    options.push({ kind: 'sack', edges: seg.sack });
  }
  return options;
}

/** Options as a script writes them, without the brackets. */
export function optionsText(options: readonly WrittenOption[]): string {
  return options.map(optionText).join(',');
}

function optionText(option: WrittenOption): string {
  switch (option.kind) {
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`;
    case 'sack': {
      const pairs: string[] = [];
      for (let i = 0; i < option.edges.length; i += 2) {
        pairs.push(`${option.edges[i]}:${option.edges[i + 1]}`);
      }
      return `sack ${pairs.join(' ')}`;
    }
    case 'TS':
      return `TS val ${option.val} ecr ${option.ecr}`;
    case 'FO':
      return option.cookie === '' ? 'FO' : `FO ${option.cookie}`;
    default:
      return option.kind;
  }
}
