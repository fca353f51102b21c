import { generateSecret, generateURI, verifySync } from 'otplib';

const ISSUER = 'AI Backend';
/** One step to either side: clocks differ, and a code may be typed as it changes. */
const TOLERANCE_SECONDS = 30;
const CODE = /^\d{6}$/;

/** 160 bits in Base32. */
export const newTotpSecret = (): string => generateSecret();

export const totpUri = (secret: string, label: string): string =>
  generateURI({ issuer: ISSUER, label, secret });

/** The time step whose code it is, behind `lastStep`; undefined for any other code. */
export function totpStep(secret: string, code: string, lastStep: number): number | undefined {
  if (!CODE.test(code)) return undefined;
  const result = verifySync({ secret, token: code, epochTolerance: TOLERANCE_SECONDS });
  const step = result.valid && 'timeStep' in result ? result.timeStep : undefined;
  return step !== undefined && step > lastStep ? step : undefined;
}
