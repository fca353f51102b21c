// Says how many tests were skipped: a missing shared folder or server must not look like success.
// With REQUIRE_SHARED=1 a skipped test fails the run.
export default class SkipReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } =
      results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    this.#skipped = numPendingTests + numTodoTests;
    process.stderr.write(`\n${numPassedTests} passed, ${failed} failed, ${this.#skipped} skipped\n`);
    const error = this.getLastError();
    if (error) process.stderr.write(`${error.message}\n`);
  }

  /** Jest ends with 1 when a reporter has one. */
  getLastError() {
    if (process.env.REQUIRE_SHARED !== '1' || this.#skipped === 0) return undefined;
    return new Error('REQUIRE_SHARED=1: a skipped test is a failure');
  }
}
