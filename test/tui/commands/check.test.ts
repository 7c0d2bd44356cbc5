import { expect, test } from 'vitest';
import { twomsl } from './fake-io.ts';
import { sampleLog } from './sample.ts';

const sample = sampleLog();
const check = (text: string, ...flags: string[]) =>
  twomsl(['check', '-', ...flags], { cwd: '/', stdin: [text] });

test('a log that is whole and true is sound', async () => {
  const { code, out, err } = await check(sample.text);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('stdin: sound');
  expect(out).toMatch(/hold: touched connections after each event, \d+ whole snapshots/);
  expect(out).toContain(sample.digest);
});

test('another digest than the recorded one: the answer is no', async () => {
  const { code, out } = await check(sample.text.replace(sample.digest, '0'.repeat(64)), '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    digest: sample.digest,
    recordedDigest: '0'.repeat(64),
  });
});

test('a cut log is checked as far as it goes', async () => {
  const { code, out, err } = await check(sample.text.slice(0, -200), '--json');
  expect(code).toBe(0);
  expect(err).toMatch(/^warning: stdin: the log /);
  expect(JSON.parse(out)).toMatchObject({ ok: true, complete: false, recordedDigest: null });
  const header = sample.text.slice(0, sample.text.indexOf('\n') + 1);
  for (const cut of [sample.text.slice(0, -200), header]) {
    const told = await check(cut);
    expect(told.code).toBe(0);
    expect(told.out).toMatch(/^stdin: sound as far as it goes, but NOT whole\n/);
    expect(told.out).toContain('integrity    cut, it has no end, ');
  }
});

test('events that are missing from the middle are corruption', async () => {
  const lines = sample.text.split('\n');
  lines.splice(30, 1);
  const { code, err } = await check(lines.join('\n'));
  expect(code).toBe(2);
  expect(err).toContain('events: expected ');
});

test('a log that was changed: where it first goes another way', async () => {
  // The first segment of the first connection, as it reaches the server, is another than was sent.
  const lines = sample.text.split('\n');
  const at = lines.findIndex((line) => line.includes('"ev":"arrive"'));
  lines[at] = lines[at]!.replace(/"seq":\d+/, '"seq":7');
  const event = at - 1;
  const time_us = sample.events[event]?.t;
  const asJson = await check(lines.join('\n'), '--json');
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.out).firstDivergence).toMatchObject({ event, time_us });
  const { out } = await check(lines.join('\n'));
  expect(out).toContain(`    the first  event ${event}, t=${time_us}: server: expected seq `);
  expect(out).toMatch(/expected seq \d+, found seq 7$/m);
  expect(JSON.parse((await check(sample.text, '--json')).out).firstDivergence).toBe(null);
});
