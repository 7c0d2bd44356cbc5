/**
 * Draws the picture of the README: the real dashboard in a terminal of its own, keys pressed, its
 * cells written as SVG. `npm run picture` makes tui/dashboard.svg anew.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm, { type IBufferCell } from '@xterm/headless';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const COLUMNS = 132;
const ROWS = 40;
const CELL = { width: 8.19, height: 17 };
const COLOURS = {
  text: '#d8dee9',
  back: '#161a21',
  dark: ['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#abb2bf'],
  bright: ['#7f8899', '#f2868f', '#b5e890', '#f5d896', '#82c4ff', '#dd9bf0', '#7fd8e0', '#ffffff'],
};

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function screenAfter(log: string, keys: readonly string[]) {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const child = spawn(process.execPath, [join(ROOT, 'dist/twomsl.js'), log], {
    cols: COLUMNS,
    rows: ROWS,
    cwd: ROOT,
    env: { ...process.env, CI: 'false', FORCE_COLOR: '3', TERM: 'xterm-256color' },
  });
  child.onData((text) => terminal.write(text));
  terminal.onData((text) => child.write(text));
  await wait(1_500);
  for (const key of keys) {
    child.write(key);
    await wait(120);
  }
  await wait(500);
  child.kill();
  return terminal.buffer.active;
}

function hex(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

/** A colour of xterm's palette of 256: 16 named, a cube of 216, 24 greys. */
function palette(index: number): string {
  if (index < 8) return COLOURS.dark[index] as string;
  if (index < 16) return COLOURS.bright[index - 8] as string;
  if (index >= 232) return hex((8 + (index - 232) * 10) * 0x010101);
  const level = (n: number) => (n === 0 ? 0 : 55 + 40 * n);
  const cube = index - 16;
  const [r, g, b] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return hex(((r as number) << 16) | ((g as number) << 8) | (b as number));
}

function colourOf(cell: IBufferCell, which: 'text' | 'back'): string {
  const inverse = cell.isInverse() !== 0;
  const fore = (which === 'text') !== inverse;
  const isDefault = fore ? cell.isFgDefault() : cell.isBgDefault();
  if (isDefault) return fore ? COLOURS.text : COLOURS.back;
  const colour = fore ? cell.getFgColor() : cell.getBgColor();
  const rgb = fore ? cell.isFgRGB() : cell.isBgRGB();
  return rgb ? hex(colour) : palette(colour);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string) => text.replace(/[&<>]/g, (c) => ESCAPES[c] as string);

type Run = { x: number; text: string; colour: string; back: string; style: string };

function runsOf(line: { getCell(x: number): IBufferCell | undefined }): Run[] {
  const runs: Run[] = [];
  for (let x = 0; x < COLUMNS; x += 1) {
    const cell = line.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const bold = cell.isBold() ? ' font-weight="bold"' : '';
    const style = `${bold}${cell.isDim() ? ' opacity="0.6"' : ''}`;
    const run: Run = {
      x,
      text: cell.getChars() || ' ',
      colour: colourOf(cell, 'text'),
      back: colourOf(cell, 'back'),
      style,
    };
    const last = runs.at(-1);
    const same = last?.colour === run.colour && last.back === run.back && last.style === run.style;
    if (last !== undefined && same) last.text += run.text;
    else runs.push(run);
  }
  return runs;
}

function svg(buffer: Awaited<ReturnType<typeof screenAfter>>): string {
  const width = Math.ceil(COLUMNS * CELL.width) + 24;
  const height = ROWS * CELL.height + 24;
  const parts: string[] = [];
  for (let y = 0; y < ROWS; y += 1) {
    const line = buffer.getLine(buffer.viewportY + y);
    if (line === undefined) continue;
    for (const run of runsOf(line)) {
      const x = (12 + run.x * CELL.width).toFixed(1);
      const top = 12 + y * CELL.height;
      const length = (run.text.length * CELL.width).toFixed(1);
      if (run.back !== COLOURS.back) {
        const box = `x="${x}" y="${top}" width="${length}" height="${CELL.height}"`;
        parts.push(`<rect ${box} fill="${run.back}"/>`);
      }
      // Word by word, so that a font of another width cannot push the columns apart.
      for (const { 0: word, index } of run.text.matchAll(/\S+/g)) {
        const left = (12 + (run.x + index) * CELL.width).toFixed(1);
        const place = `x="${left}" y="${top + 13}" fill="${run.colour}"`;
        parts.push(`<text ${place}${run.style}>${escaped(word)}</text>`);
      }
    }
  }
  const font = 'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13.6"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${font}>`,
    '<title>The dashboard of twomsl</title>',
    `<rect width="100%" height="100%" rx="8" fill="${COLOURS.back}"/>`,
    `<g xml:space="preserve">`,
    ...parts,
    '</g></svg>\n',
  ].join('\n');
}

// TIME-WAIT piles up, the client's connections alone in the table.
const KEYS = [...':1000\r', ...'/client\r'];
const [log = 'logs/tour.jsonl', ...given] = process.argv.slice(2);
const keys = given.length > 0 ? given : KEYS;
const file = join(ROOT, 'tui/dashboard.svg');
writeFileSync(file, svg(await screenAfter(log, keys)));
process.stdout.write(`${file}\n`);
process.exit(0);
