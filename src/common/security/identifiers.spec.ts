import { isEmailAddress } from './identifiers.js';

describe('an e-mail address', () => {
  it.each(['ada@example.com', "o'neil+tag@example.com", 'admin@localhost', 'jörg@example.com'])(
    'may be %s',
    (address) => expect(isEmailAddress(address)).toBe(true),
  );

  it.each(['"a\r\nb"@example.com', '"a b"@example.com', 'a b@example.com', 'a@b@example.com', 'ada'])(
    'is not %j',
    (address) => expect(isEmailAddress(address)).toBe(false),
  );
});
