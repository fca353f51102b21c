import { DataEncryption } from '../../config/data-encryption.service.js';
import type { Settings } from '../../config/settings.js';
import { EventPlaces } from './event-places.service.js';

const placesUnder = (dataEncryptionKey: string, dataEncryptionKeyPrevious?: string): EventPlaces =>
  new EventPlaces(
    new DataEncryption({ dataEncryptionKey, dataEncryptionKeyPrevious } as unknown as Settings),
  );
const place = { position: { xid: '123456789', sequence: '987654321' }, readable: 'cafe' };

describe('places in document events', () => {
  const places = placesUnder('a key');

  it('are read back, and tell nothing of what they count', () => {
    const text = places.format(place, 'ann');
    expect(text).toMatch(/^[\w-]+$/);
    expect(Buffer.from(text, 'base64url').toString('latin1')).not.toMatch(/123456789|987654321|cafe/);
    expect(places.format(place, 'ann')).not.toBe(text);
    expect(places.parse(text, 'ann')).toEqual(place);
    const named = { ...place, readable: '' };
    expect(places.parse(places.format(named, 'ann'), 'ann')).toEqual(named);
  });

  it('are for nobody else', () => {
    expect(places.parse(places.format(place, 'ann'), 'bob')).toBeUndefined();
  });

  it('outlast a change of the key', () => {
    const text = places.format(place, 'ann');
    expect(placesUnder('a new key', 'a key').parse(text, 'ann')).toEqual(place);
    expect(placesUnder('a new key').parse(text, 'ann')).toBeUndefined();
  });

  it.each([undefined, '', 'x', '1-2', '7-7', '-1', 'ü', `${'9'.repeat(300)}-1`])('%j is none', (text) => {
    expect(places.parse(text, 'ann')).toBeUndefined();
  });
});
