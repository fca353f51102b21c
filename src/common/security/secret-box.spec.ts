import { SecretBox } from './secret-box.js';

const OLD = 'old-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6Hs4Jf0Ga';
const NEW = 'new-q8Zr1mXv7Kp3Ld9Tn5Wb2Yc6Hs4Jf0Ga';

describe('SecretBox', () => {
  const box = new SecretBox([NEW], 'totp');

  it('opens what it sealed, and seals the same text differently each time', () => {
    const sealed = box.seal('héllo 🔑', 'user-1');
    expect(box.open(sealed, 'user-1')).toBe('héllo 🔑');
    expect(sealed.includes(Buffer.from('héllo'))).toBe(false);
    expect(box.seal('héllo 🔑', 'user-1').equals(sealed)).toBe(false);
  });

  it('opens nothing in another context, for another purpose, or changed in any byte', () => {
    const sealed = box.seal('secret', 'user-1');
    expect(box.open(sealed, 'user-2')).toBeUndefined();
    expect(new SecretBox([NEW], 'mail').open(sealed, 'user-1')).toBeUndefined();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(box.open(changed, 'user-1')).toBeUndefined();
    }
    for (const length of [0, 1, 20, sealed.length - 1])
      expect(box.open(sealed.subarray(0, length), 'user-1')).toBeUndefined();
  });

  it('rotates: the previous key opens, only the current one seals', () => {
    const before = new SecretBox([OLD], 'totp').seal('secret', 'user-1');
    const rotating = new SecretBox([NEW, OLD], 'totp');
    expect(rotating.open(before, 'user-1')).toBe('secret');
    expect(box.open(rotating.seal('again', 'user-1'), 'user-1')).toBe('again');
    expect(box.open(before, 'user-1')).toBeUndefined();
  });
});
