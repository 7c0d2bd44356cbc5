/**
 * Logs as text: JSON Lines that a person can read and a diff can compare. The first line is the
 * header, then one event a line, the last line is `{"ev":"end",…}`. And logs in bulk, as columns.
 * This file is the folder's door.
 */
export {
  CHUNK,
  COLUMNS,
  type Column,
  type ColumnName,
  type Columns,
  type Dictionaries,
  dictionariesOf,
  SLICE,
} from './columns.ts';
export { createLogDecoder, type DecodedLog, decodeLog, type LogDecoder } from './decode.ts';
export { type ColumnDecoder, type ColumnProblem, createColumnDecoder } from './decode-columns.ts';
export { encodeLog, encodeTrailer } from './encode.ts';
export { type ColumnEncoder, createColumnEncoder } from './encode-columns.ts';
export { createEventEncoder } from './encode-event.ts';
export { givenHeader } from './given-header.ts';
export { encodeHeader } from './header-text.ts';
export { isHostName } from './names.ts';
export { near, nearest } from './nearest.ts';
export { type LogProblem, problemText } from './problem.ts';
