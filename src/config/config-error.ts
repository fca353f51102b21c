/** A configuration nobody should run with. `main` prints the one line and exits with 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Something outside keeps the process from starting: one line, exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
