// Reads the JSON report of a vitest run into numbers that cannot flatter: a file that did not
// load, an error outside any test, a run without tests or without a report are failures too.

export type Count = { passed: number; failed: number };

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
};

/** Counts a report; `problems` names the failures that no test stands for. */
export function countReport(
  text: string | undefined,
  exitCode: number,
): Count & { problems: string[] } {
  const report = parse(text);
  if (report === undefined) {
    return { passed: 0, failed: 1, problems: [`no report, exit code ${exitCode}`] };
  }
  const problems = report.testResults
    .filter(({ status, assertionResults }) => {
      return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
    })
    .map(({ name }) => `${name} failed outside its tests`);
  const passed = report.numPassedTests;
  const failedTests = report.numFailedTests;
  if (passed + failedTests === 0) problems.push('no test ran');
  if (exitCode !== 0 && failedTests + problems.length === 0) {
    problems.push(`exit code ${exitCode} although every test passed`);
  }
  return { passed, failed: failedTests + problems.length, problems };
}

function parse(text: string | undefined): Report | undefined {
  try {
    const report = JSON.parse(text ?? '');
    const known = Number.isInteger(report.numPassedTests) && Array.isArray(report.testResults);
    return known ? report : undefined;
  } catch {
    return undefined;
  }
}
