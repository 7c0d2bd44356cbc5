/** The parser of segments: `S. 0:0(0) ack 1 win 65535 <mss 1460>`. */
import { flagsOf } from '../../tcp/segment.ts';
import { AE, type WrittenOption, type WrittenSegment } from './ast.ts';
import {
  expectText,
  fail,
  missing,
  type Scanner,
  sees,
  skipBlanks,
  take,
  takeDecimal,
  takeText,
} from './scan.ts';

const U32 = 0xffff_ffff;
const U16 = 0xffff;

const FLAGS = /(?:[SFRPUEWA.]+|-)(?=[\s\d])/y;
/** What else may arrive or be sent in packetdrill: other protocols, and marks of the IP layer. */
const OTHER = /icmpv?6?\b|udp\b|udplite\b|sctp\b|gre\b|mpls\b|ipv[46]\b|ip\b|\[[^\]]*\]|\(/y;
const KEYWORD = /(ack|win|urg)(?=\s+\d)/y;

/** Reads what follows `<` or `>`; `expected`: `...` may stand for what is not looked at. */
export function parseSegment(s: Scanner, expected: boolean): WrittenSegment {
  skipBlanks(s);
  const { at } = s;
  const other = take(s, OTHER);
  if (other !== null) missing(at, `${other[0].replace(/\($/, '(…)')} in a segment`);
  const flags = parseFlags(s);
  const { seq, len } = parseNumbers(s, expected);
  const fields: { ack: number | null; win: number | null; urg: number | null } = {
    ack: null,
    win: null,
    urg: null,
  };
  let last = -1;
  for (;;) {
    skipBlanks(s);
    const before = s.at;
    const word = take(s, KEYWORD)?.[1] as 'ack' | 'win' | 'urg' | undefined;
    if (word === undefined) break;
    const order = ['ack', 'win', 'urg'].indexOf(word);
    if (order <= last) {
      s.at = before;
      fail(s, 'ack, win and urg in this order, each once');
    }
    last = order;
    fields[word] = takeDecimal(s, `the number of ${word}`, word === 'ack' ? U32 : U16);
  }
  return { flags, seq, len, ...fields, options: parseOptionList(s, expected) };
}

function parseFlags(s: Scanner): number {
  const found = take(s, FLAGS);
  if (found === null) fail(s, "flags: letters of 'SFRPUEWA.' or '-'");
  const letters = found[0];
  const flags = flagsOf(letters.replace(/A/g, ''));
  if (flags === undefined) {
    s.at -= letters.length;
    fail(s, "flags: letters of 'SFRPUEWA.' or '-'");
  }
  return flags | (letters.includes('A') ? AE : 0);
}

function parseNumbers(s: Scanner, expected: boolean): { seq: number | null; len: number } {
  if (expected && takeText(s, '...')) return { seq: null, len: lenInBrackets(s) };
  const seq = takeDecimal(s, 'the sequence number', U32);
  expectText(s, ':');
  skipBlanks(s);
  const { at } = s;
  const end = takeDecimal(s, 'the number after the last octet', U32);
  const len = lenInBrackets(s);
  if ((seq + len) % 2 ** 32 !== end) {
    s.at = at;
    fail(s, `${(seq + len) % 2 ** 32}, which is ${seq} + ${len}`);
  }
  return { seq, len };
}

function lenInBrackets(s: Scanner): number {
  expectText(s, '(');
  const len = takeDecimal(s, 'the octets of text', U32);
  expectText(s, ')');
  return len;
}

/** Null: `<...>`. Without brackets there are no options. */
function parseOptionList(s: Scanner, expected: boolean): readonly WrittenOption[] | null {
  if (!takeText(s, '<')) return [];
  if (expected && takeText(s, '...')) {
    expectText(s, '>');
    return null;
  }
  const options: WrittenOption[] = [];
  do options.push(parseOption(s));
  while (takeText(s, ','));
  if (!takeText(s, '>')) fail(s, "',' or '>' after a TCP option");
  return options;
}

const OPTION_NAME = /[A-Za-z][\w-]*/y;
const COOKIE = /(?:0x)?[0-9a-fA-F]+(?=\s*[,>])/y;
const KNOWN_ELSEWHERE = /^(?:md5|FOEXP|exp-\w+|exid|ACCECN|AccECN|accecn|e0b|ECN|mpcapable|mp_)/;

function parseOption(s: Scanner): WrittenOption {
  skipBlanks(s);
  const { at } = s;
  const name = take(s, OPTION_NAME)?.[0] ?? '';
  switch (name) {
    case 'mss':
      return { kind: 'mss', value: takeDecimal(s, 'the MSS', U16) };
    case 'nop':
      return { kind: 'nop' };
    case 'eol':
      return { kind: 'eol' };
    case 'wscale':
      return { kind: 'wscale', value: takeDecimal(s, 'the shift', 255) };
    case 'sackOK':
      return { kind: 'sackOK' };
    case 'sack':
      return { kind: 'sack', edges: parseBlocks(s) };
    case 'TS': {
      expectText(s, 'val');
      const val = takeDecimal(s, 'the value of the timestamp', U32);
      expectText(s, 'ecr');
      return { kind: 'TS', val, ecr: takeDecimal(s, 'the timestamp echoed', U32) };
    }
    case 'FO':
      return { kind: 'FO', cookie: take(s, COOKIE)?.[0] ?? '' };
    default:
      if (KNOWN_ELSEWHERE.test(name)) missing(at, `the TCP option ${name}`);
      s.at = at;
      return fail(s, 'a TCP option: mss, nop, eol, wscale, sackOK, sack, TS or FO');
  }
}

function parseBlocks(s: Scanner): readonly number[] {
  const edges: number[] = [];
  do {
    edges.push(takeDecimal(s, 'the left edge of a block', U32));
    expectText(s, ':');
    edges.push(takeDecimal(s, 'the right edge of a block', U32));
  } while (!sees(s, ',') && !sees(s, '>'));
  return edges;
}
