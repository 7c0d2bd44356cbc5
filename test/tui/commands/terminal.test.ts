import { expect, test } from 'vitest';
import { tableOf } from '../../../tui/commands/table.ts';
import { twomsl } from './fake-io.ts';
import { sampleLog } from './sample.ts';

const sample = sampleLog();
/** A title that would clear the screen, change colours, delete, and forge a line. */
const BAD = 'a\u001b[2J\u009b31mb\u007fc\u0007\rd\nNEXT';
const text = sample.text.replace('"Short connections"', JSON.stringify(BAD));
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

test.each([
  [['replay', '-']],
  [['check', '-']],
  [['export', '-', '--connection', 'client#1']],
  [['convert', '-', '-']],
])('%j leaves nothing in a terminal that it would act on', async (args) => {
  // Of stdin, which is no terminal.
  const { code, out } = await twomsl(args, { cwd: '/', stdin: [text], tty: 'out' });
  expect(code).toBe(0);
  expect(out).not.toMatch(CONTROLS);
  expect(out).not.toMatch(/^NEXT/m);
});

test('the first line of a summary is the title, and stays one line', async () => {
  const { out } = await twomsl(['replay', '-'], { cwd: '/', stdin: [text], tty: 'out' });
  expect(out.split('\n')[0]).toBe('a·[2J·31mb·c··d·NEXT');
  // What is piped on is not touched, but for the line that it is to be.
  const piped = await twomsl(['-'], { cwd: '/', stdin: [text] });
  expect(piped.out.startsWith('a\u001b[2J')).toBe(true);
  const copy = await twomsl(['convert', '-', '-'], { cwd: '/', stdin: [text] });
  expect(copy.out).toBe(text);
});

test('excerpts in messages are harmless too', async () => {
  const name = 'no\u001b[2Jsuch.jsonl';
  const { err } = await twomsl(['replay', name], { cwd: '/', tty: 'out' });
  expect(err).toBe('twomsl: no·[2Jsuch.jsonl: cannot be read: there is no such file\n');
});

test('a cell of a table is one line', () => {
  const rows = [{ point: { 'a\nb': 'x\ny' }, values: {}, every: 1, series: {} }];
  expect(tableOf(rows)).toBe('a·b\n───\nx·y\n');
});
