/**
 * Time stamps of pcapng (draft-ietf-opsawg-pcapng §4.2, §4.3): a 64-bit count of an interface's own
 * unit (if_tsresol: a power of ten or of two of a second, microseconds where not said) and a shift
 * in whole seconds (if_tsoffset), turned into microseconds and a rest in nanoseconds.
 */

export type SplitTime = { time_us: number; rest_ns: number };

/** Turns the two halves of a stamp into time; undefined beyond exact integers (year 2255). */
export type ReadTime = (high: number, low: number) => SplitTime | undefined;

export const TSRESOL_MICROS = 6;
const TSRESOL_NANOS = 9;
const TWO_32 = 0x1_0000_0000;

export function timeReader(tsresol: number, offset_s: bigint): ReadTime {
  if (offset_s === 0n && tsresol === TSRESOL_MICROS) return readMicros;
  if (offset_s === 0n && tsresol === TSRESOL_NANOS) return readNanos;
  // The top bit chooses the base, the others are the exponent.
  const base = (tsresol & 0x80) === 0 ? 10n : 2n;
  const unitsPerSecond = base ** BigInt(tsresol & 0x7f);
  return (high, low) => {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const time_ns = (ticks * 1_000_000_000n) / unitsPerSecond + offset_s * 1_000_000_000n;
    // Rounded down, also before 1970.
    const rest = ((time_ns % 1000n) + 1000n) % 1000n;
    return safe(Number((time_ns - rest) / 1000n), Number(rest));
  };
}

function readMicros(high: number, low: number): SplitTime | undefined {
  return safe(high * TWO_32 + low, 0);
}

/** Long division by 1000 in two digits of 32 bits: every step is exact in a double. */
function readNanos(high: number, low: number): SplitTime | undefined {
  const carried = (high % 1000) * TWO_32 + low;
  return safe(Math.floor(high / 1000) * TWO_32 + Math.floor(carried / 1000), carried % 1000);
}

function safe(time_us: number, rest_ns: number): SplitTime | undefined {
  return Number.isSafeInteger(time_us) ? { time_us, rest_ns } : undefined;
}
