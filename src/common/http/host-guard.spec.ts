import type { Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import { hostGuard, type HostRules } from './host-guard.js';

const rules = (change: Partial<HostRules> = {}): HostRules => ({
  strict: false,
  allowedHosts: [],
  publicUrl: undefined,
  ...change,
});

function answers(host: string | undefined, of: HostRules, path = '/documents'): boolean {
  let error: unknown;
  hostGuard(of)(
    { headers: { host }, path } as Request,
    {} as Response,
    (thrown?: unknown) => (error = thrown),
  );
  if (error !== undefined && !(error instanceof AppError && error.status === 400)) throw error;
  return error === undefined;
}

describe('hostGuard', () => {
  it.each(['localhost', 'localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'LOCALHOST'])(
    'answers %s locally',
    (host) => expect(answers(host, rules())).toBe(true),
  );

  it.each(['attacker.example', 'localhost.attacker.example', '192.168.0.7', '', undefined])(
    'refuses %s locally',
    (host) => expect(answers(host, rules())).toBe(false),
  );

  it('answers its public name and those allowed, locally and in strict mode', () => {
    const named = { allowedHosts: ['api.example.com'], publicUrl: 'https://docs.example.com' };
    for (const strict of [false, true]) {
      expect(answers('api.example.com', rules({ ...named, strict }))).toBe(true);
      expect(answers('docs.example.com:443', rules({ ...named, strict }))).toBe(true);
      expect(answers('other.example.com', rules({ ...named, strict }))).toBe(false);
    }
  });

  it('lets a server with names be watched by its address, but not one for this machine', () => {
    const named = rules({ strict: true, allowedHosts: ['api.example.com'] });
    for (const path of ['/health/live', '/health/ready', '/metrics']) {
      expect(answers('127.0.0.1:8000', named, path)).toBe(true);
      expect(answers('attacker.example', rules(), path)).toBe(false);
    }
    expect(answers('127.0.0.1:8000', named, '/health/live/more')).toBe(false);
  });

  it('leaves names to the proxy in strict mode unless some are listed', () => {
    expect(answers('anything.example', rules({ strict: true }))).toBe(true);
  });
});
