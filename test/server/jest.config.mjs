import path from 'node:path';
import base from '../../jest.config.mjs';

const { globalSetup: _embeddedTemplate, ...shared } = base;

/** @type {import('jest').Config} */
export default {
  ...shared,
  rootDir: path.resolve(import.meta.dirname, '../..'),
  testMatch: ['<rootDir>/test/server/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  maxWorkers: 1,
  testTimeout: 400_000,
};
