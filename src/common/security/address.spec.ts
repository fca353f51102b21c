import { addressKey, networkOf, plainAddress } from './address.js';

describe('addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['[2001:DB8::1]:4711', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['unknown', null],
    ['192.0.2.1, 192.0.2.2', null],
    ['999.1.1.1', null],
    ['x'.repeat(10_000), null],
    [undefined, null],
  ])('%s is %s', (given, plain) => {
    expect(plainAddress(given)).toBe(plain);
  });

  test('of one /64 count together, however they are spelled', () => {
    const same = [
      '2001:db8:0:7::1',
      '2001:0db8:0000:0007:ffff:ffff:ffff:ffff',
      '2001:DB8:0:7:0:0:0:9',
      '[2001:db8:0:7::2]:80',
    ];
    expect(new Set(same.map(addressKey))).toEqual(new Set(['2001:db8:0:7']));
    expect(addressKey('2001:db8:0:8::1')).toBe('2001:db8:0:8');
    expect(addressKey('::1')).toBe('0:0:0:0');
    expect(addressKey('2001:db8::')).toBe('2001:db8:0:0');
  });

  test('of IPv4 count one by one; what is no address counts together', () => {
    expect(addressKey('192.0.2.1')).not.toBe(addressKey('192.0.2.2'));
    expect(addressKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(addressKey('made up')).toBe(addressKey(undefined));
  });
});

describe('networkOf', () => {
  it.each([
    ['203.0.113.9', '203.0.0.0/16'],
    ['::ffff:203.0.1.1', '203.0.0.0/16'],
    ['2001:0db8:1:2::9', '2001:db8::/32'],
    ['2001:db8::', '2001:db8::/32'],
    ['::1', '0:0::/32'],
    ['somewhere', null],
    [null, null],
  ])('%s is in %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
