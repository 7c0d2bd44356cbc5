import { expect, test } from 'vitest';
import { twomsl } from './fake-io.ts';
import { sampleLog } from './sample.ts';

const sample = sampleLog();
const fork = (...args: string[]) =>
  twomsl(['fork', '-', ...args], { cwd: '/', stdin: [sample.text] });
const events = (text: string) => text.trimEnd().split('\n').slice(1, -1);
const digest = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '').digest;

test('without a change it is the log again', async () => {
  const { code, out, err } = await fork('--at', '5');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(events(out)).toEqual(events(sample.text));
  expect(digest(out)).toBe(sample.digest);
});

test('a knob is changed at that moment, on one host, and nothing before it', async () => {
  const { out } = await fork('--at', '5', '--set', 'time_wait_ms=1000', '--host', 'client');
  expect(events(out).slice(0, 5)).toEqual(events(sample.text).slice(0, 5));
  expect(JSON.parse(events(out)[5] ?? '')).toMatchObject({
    ev: 'knob',
    host: 'client',
    knobs: { time_wait_ms: 1000 },
  });
  expect(digest(out)).not.toBe(sample.digest);
});

test('a host crashes, and the log that follows is sound', async () => {
  const { out } = await fork('--at', '8', '--crash', 'server');
  expect(JSON.parse(events(out)[8] ?? '')).toMatchObject({ ev: 'crash', host: 'server' });
  const checked = await twomsl(['check', '-'], { cwd: '/', stdin: [out] });
  expect(checked.code).toBe(0);
});

test('a host or a moment that the log has not, and a recording, are refused', async () => {
  const host = await fork('--crash', 'nobody');
  expect(host).toMatchObject({ code: 2, out: '' });
  expect(host.err).toContain('client, server');
  expect(await fork('--at', '100000')).toMatchObject({ code: 2, out: '' });
  const recorded = sample.text.replaceAll('"profile":', '"observed":true,"profile":');
  const refused = await twomsl(['fork', '-'], { cwd: '/', stdin: [recorded] });
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain('recording');
});
