import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from './config-error.js';
import { generatedSecret } from './generated-secret.js';

describe('generatedSecret', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'secrets-'));
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
  const long = 'a'.repeat(48);

  it('is made once, readable by its owner alone, with nothing left beside it', () => {
    const folder = path.join(dir, 'made');
    const file = path.join(folder, 'jwt-secret');
    expect(generatedSecret(file, () => `${long}\n`)).toBe(long);
    expect(generatedSecret(file, () => 'b'.repeat(48))).toBe(long);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(folder)).toEqual(['jwt-secret']);
  });

  it.each(['', '\n', 'cut-off'])('is refused as %j, which a full disk or a loss of power left', (content) => {
    const file = path.join(dir, 'broken');
    fs.writeFileSync(file, content);
    expect(() => generatedSecret(file, () => long)).toThrow(ConfigError);
    expect(() => generatedSecret(file, () => long)).toThrow(file);
  });

  it('says where it cannot be made', () => {
    const file = path.join(dir, 'a-file');
    fs.writeFileSync(file, long);
    expect(() => generatedSecret(path.join(file, 'jwt-secret'), () => long)).toThrow(/DATA_DIR cannot hold/);
    expect(() => generatedSecret(dir, () => long)).toThrow(/DATA_DIR cannot hold/);
  });
});
