import { neutralise, toRow } from './clean-event.js';

describe('an audit event, cleaned', () => {
  test('has no character that starts a line, moves a cursor or turns text around', () => {
    const row = toRow({
      action: 'a.b\r\nforged',
      targetId: 'x\u001b[2Jy\u2028z\u202e',
      ip: '1.2.3.4\n',
      requestId: 'r\0',
      details: { 'na\nme': ['line\nbreak', { deep: '\u0085' }] },
    });
    // oxlint-disable-next-line no-control-regex
    expect(JSON.stringify(row)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]|\\[nr]|\\u001b"/);
    expect(row.action).toBe(String.raw`a.b\u000d\u000aforged`);
    expect(row.details).toEqual({
      [String.raw`na\u000ame`]: [String.raw`line\u000abreak`, { deep: String.raw`\u0085` }],
    });
  });

  test('holds no secret, however deep, but numbers and states', () => {
    const details = {
      password: 'a lantern',
      nested: [{ access_token: 'eyJ', api_key: 'aib_x', tokens: 3, password_changed: true, cookie: 'a=b' }],
      name: 'kept',
    };
    expect(toRow({ action: 'x', details }).details).toEqual({
      password: '[redacted]',
      nested: [
        {
          access_token: '[redacted]',
          api_key: '[redacted]',
          tokens: 3,
          password_changed: true,
          cookie: '[redacted]',
        },
      ],
      name: 'kept',
    });
  });

  test('is bounded in length, depth and number', () => {
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 50; i++) deep = { deep };
    const details = { text: 'x'.repeat(100_000), list: Array<string>(10_000).fill('y'), deep };
    expect(JSON.stringify(toRow({ action: 'x', details })).length).toBeLessThan(10_000);
    expect(neutralise('\n'.repeat(1000), 64)).toHaveLength(64);
    expect(neutralise('\ud800')).toBe('\ufffd');
  });
});
