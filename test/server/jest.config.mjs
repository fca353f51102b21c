import path from 'node:path';
import base from '../../jest.config.mjs';

const { globalSetup: _embeddedTemplate, ...shared } = base;

/** Specs that look neither at vectors nor at where they are kept: the first of both rounds has them. */
const ANY_STORE = ['access', 'auth-processes', 'edits', 'quota', 'two-runs', 'word-repairs'];
const isSecondRound = process.env.TEST_VECTOR_STORE === 'chroma';

/** @type {import('jest').Config} */
export default {
  ...shared,
  rootDir: path.resolve(import.meta.dirname, '../..'),
  testMatch: ['<rootDir>/test/server/*.spec.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    ...(isSecondRound ? ANY_STORE.map((name) => `/test/server/${name}\\.spec\\.ts$`) : []),
  ],
  passWithNoTests: isSecondRound,
  maxWorkers: 1,
  testTimeout: 400_000,
};
