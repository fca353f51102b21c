// Says how many tests were skipped: a missing shared folder or server must not look like success.
export default class SkipReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests } = results;
    process.stderr.write(
      `\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`,
    );
    if (process.env.REQUIRE_SHARED === '1' && numPendingTests > 0)
      process.stderr.write('REQUIRE_SHARED=1: a skipped test is a failure\n');
  }

  getLastError() {
    return undefined;
  }
}
