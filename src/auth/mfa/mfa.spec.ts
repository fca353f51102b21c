import { generateSync } from 'otplib';
import { StoppedClock } from '../../../test/support/clock.js';
import { hashRecoveryCode, newRecoveryCode } from './recovery-code.js';
import { newTotpSecret, totpStep, totpUri } from './totp.js';

const PERIOD = 30;
const codeAt = (secret: string, offset: number): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + offset * PERIOD });

describe('time-based codes', () => {
  const secret = newTotpSecret();
  let clock: StoppedClock;
  // A code of the step before is none any more as soon as the next one begins.
  beforeEach(() => {
    clock = new StoppedClock();
  });
  afterEach(() => clock.goOn());

  it('takes the present code and its neighbours, and tells their steps', () => {
    const now = Math.floor(Date.now() / 1000 / PERIOD);
    const steps = [-1, 0, 1].map((offset) => totpStep(secret, codeAt(secret, offset), 0));
    expect(steps).toEqual([now - 1, now, now + 1]);
    for (const offset of [-3, 3, 100]) expect(totpStep(secret, codeAt(secret, offset), 0)).toBeUndefined();
  });

  it('takes no code again, nor one from before', () => {
    const step = totpStep(secret, codeAt(secret, 0), 0) ?? 0;
    expect(totpStep(secret, codeAt(secret, 0), step)).toBeUndefined();
    expect(totpStep(secret, codeAt(secret, -1), step)).toBeUndefined();
  });

  it.each(['', '12345', '1234567', 'abcdef', '١٢٣٤٥٦', ' 123456', '12 456'])('refuses %j', (code) => {
    expect(totpStep(secret, code, 0)).toBeUndefined();
  });

  it('has an address for authenticator apps, whatever the label holds', () => {
    const uri = new URL(totpUri(secret, 'a&secret=x@example.com'));
    expect(uri.protocol).toBe('otpauth:');
    expect(uri.searchParams.get('secret')).toBe(secret);
    expect(uri.searchParams.get('issuer')).toBe('AI Backend');
  });
});

describe('recovery codes', () => {
  it('are read as people type them', () => {
    const code = newRecoveryCode();
    expect(code).toMatch(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/);
    const hash = hashRecoveryCode(code);
    expect(hashRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ')} `)).toEqual(hash);
    expect(hashRecoveryCode(newRecoveryCode())).not.toEqual(hash);
    expect(hashRecoveryCode('x')).toBeUndefined();
  });
});
