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
  const host = await fork('--at', '5', '--crash', 'nobody');
  expect(host).toMatchObject({ code: 2, out: '' });
  expect(host.err).toContain('client, server');
  expect(await fork('--at', '100000')).toMatchObject({ code: 2, out: '' });
  const recorded = sample.text.replaceAll('"profile":', '"observed":true,"profile":');
  const refused = await twomsl(['fork', '-', '--at', '5'], { cwd: '/', stdin: [recorded] });
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain('recording');
});

test('what is changed at a time happens at that time, not at the event before it', async () => {
  const times = events(sample.text).map((line) => JSON.parse(line).t as number);
  const n = times.findIndex((t, i) => t > (times[i - 1] ?? t) + 2);
  const t = (times[n] ?? 0) - 1;
  const { code, out } = await fork('--time', `${t}us`, '--crash', 'client');
  expect(code).toBe(0);
  expect(JSON.parse(events(out)[n] ?? '')).toMatchObject({ ev: 'crash', t });
  expect((await twomsl(['check', '-'], { cwd: '/', stdin: [out] })).code).toBe(0);
});

test('after the end of a log that was stopped, what is due before it comes first', async () => {
  const stopped = await twomsl(['run', 'tour', '--until', '30ms'], { cwd: '/' });
  const args = ['fork', '-', '--time', '500ms', '--crash', 'client'];
  const { code, out } = await twomsl(args, { cwd: '/', stdin: [stopped.out] });
  expect(code).toBe(0);
  const crash = events(out)
    .map((line) => JSON.parse(line))
    .find(({ ev }) => ev === 'crash');
  expect(crash.t).toBe(500_000);
  const checked = await twomsl(['check', '-'], { cwd: '/', stdin: [out] });
  expect(checked).toMatchObject({ code: 0 });
});

test('without its moment a fork is refused, as are knobs that contradict each other', async () => {
  const vague = await fork('--crash', 'client');
  expect(vague).toMatchObject({ code: 2, out: '' });
  expect(vague.err).toContain('--at N, after the first N events, or --time T');
  const ports = await fork('--at', '5', '--set', 'ephemeral_high=100');
  expect(ports).toMatchObject({ code: 2, out: '' });
  expect(ports.err).toContain('ephemeral_low: expected at most ephemeral_high, which is 100');
});
