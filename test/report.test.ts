// The count of the whole check must not flatter.

import { expect, test } from 'vitest';
import { countReport } from './report.ts';

type Suite = { name: string; status: string; assertionResults: { status: string }[] };

function report(passed: number, failed: number, ...testResults: Suite[]): string {
  return JSON.stringify({ numPassedTests: passed, numFailedTests: failed, testResults });
}

test('a good run counts its tests', () => {
  expect(countReport(report(3, 0), 0)).toEqual({ passed: 3, failed: 0, problems: [] });
});

test('a failed test counts once, whatever the exit code says of it', () => {
  const suite = { name: 'a', status: 'failed', assertionResults: [{ status: 'failed' }] };
  expect(countReport(report(2, 1, suite), 1)).toEqual({ passed: 2, failed: 1, problems: [] });
});

test('a file that does not load is a failure', () => {
  const suite = { name: 'a', status: 'failed', assertionResults: [] };
  expect(countReport(report(2, 0, suite), 1)).toMatchObject({ passed: 2, failed: 1 });
});

test('an error outside any test is a failure', () => {
  expect(countReport(report(2, 0), 1)).toMatchObject({ passed: 2, failed: 1 });
});

test('a run without tests is a failure', () => {
  expect(countReport(report(0, 0), 0)).toMatchObject({ passed: 0, failed: 1 });
});

test.each([undefined, '', '{"numPassed', 'null', '{}'])(
  'a run without a whole report is a failure: %s',
  (text) => {
    expect(countReport(text, 0)).toMatchObject({ passed: 0, failed: 1 });
  },
);
