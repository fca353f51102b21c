import chardet from 'chardet';

const SAMPLE = 64 * 1024;
const ESC = 0x1b;

function byBom(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** Whether it is UTF-8 up to a character that the end cuts off, and hardly any of it a control character. */
export function isCleanUtf8(bytes: Uint8Array, most: number): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return false;
  }
  return controlsOf(bytes) <= most;
}

/** Control characters that no text has, zero bytes apart. */
export function controlsOf(codes: Iterable<number>): number {
  let count = 0;
  for (const code of codes)
    if (code > 0 && code < 0x20 && !(code >= 0x09 && code <= 0x0d) && code !== ESC) count++;
  return count;
}

/**
 * UTF-16 without a mark: its zero bytes stand on one side only, because spaces and line ends have them in any script.
 * A few in a text of single bytes may do so by chance: there spaces have other neighbours than zeros. Bytes of no text
 * give characters that do not exist.
 */
export function byZeroBytes(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, Math.min(bytes.length, SAMPLE) & ~1);
  const zeros = [0, 0];
  const spaces = [0, 0];
  for (const [i, byte] of sample.entries()) {
    if (byte === 0) zeros[i & 1]! += 1;
    else if ((byte === 0x20 || byte === 0x0a) && sample[i ^ 1] !== 0) spaces[i & 1]! += 1;
  }
  const side = zeros[1]! > zeros[0]! ? 1 : 0;
  const most = zeros[side]!;
  const enough = Math.max(2, sample.length / 100);
  if (most < enough || zeros[1 - side]! * 20 > most) return undefined;
  const isClear = most >= sample.length * 0.35;
  if (!isClear && (spaces[1 - side]! > most || isCleanUtf8(sample, sample.length / 50))) return undefined;
  const label = side === 1 ? 'utf-16le' : 'utf-16be';
  const strange = new TextDecoder(label).decode(sample).match(/[\p{Cn}\p{Co}\ufffd]/gu)?.length ?? 0;
  return strange <= 1 + sample.length / 100 ? label : undefined;
}

/** Share of multi-byte sequences that are valid: one damaged byte must not turn a whole UTF-8 file into mojibake. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  let good = 0;
  let bad = 0;
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i]!;
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0;
    let valid = length > 0;
    for (let k = 1; k < length && valid; k++) valid = ((bytes[i + k] ?? 0) & 0xc0) === 0x80;
    if (!valid) bad++;
    else if (length > 1) good++;
    i += valid ? length : 1;
  }
  return bad === 0 || good > 10 * bad;
}

/** Seven-bit Japanese is valid UTF-8 to the eye of a decoder; its escape sequences give it away. */
function isIso2022Jp(bytes: Uint8Array): boolean {
  const first = bytes.indexOf(ESC);
  return first >= 0 && bytes[first + 1] === 0x24 && (bytes[first + 2] === 0x42 || bytes[first + 2] === 0x40);
}

function byMeta(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1');
  const meta =
    /<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(head) ??
    /<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)/i.exec(head);
  return meta?.[1];
}

function decodeAs(bytes: Uint8Array, label: string | undefined, fatal = false): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label, { fatal }).decode(bytes);
  } catch {
    // An unknown label, or bytes that the encoding cannot hold.
    return undefined;
  }
}

/**
 * The likeliest encoding that has a character for every byte of a sample. Statistics need letters: the sample
 * starts near the first byte beyond ASCII.
 */
function byStatistics(bytes: Uint8Array): string | undefined {
  const first = Math.max(0, bytes.findIndex((byte) => byte >= 0x80) - 1024);
  const sample = bytes.subarray(first, first + SAMPLE);
  const names = chardet.analyse(sample).map((match) => match.name);
  const isClean = (name: string): boolean => {
    const text = decodeAs(sample, name);
    // The sample may end inside a character.
    return text !== undefined && !text.slice(0, -2).includes('\ufffd');
  };
  return names.find(isClean) ?? names[0];
}

/**
 * Text of a file in whatever encoding it was saved: byte order mark, zero bytes, strict UTF-8, what an HTML page
 * declares, statistics. Always gives a text; bytes that fit nothing become U+FFFD or Windows-1252.
 */
export function decodeText(bytes: Uint8Array, options: { html?: boolean } = {}): string {
  const marked = decodeAs(bytes, byBom(bytes) ?? byZeroBytes(bytes));
  if (marked !== undefined) return marked;
  if (isIso2022Jp(bytes)) return decodeAs(bytes, 'iso-2022-jp') ?? '';
  const utf8 = decodeAs(bytes, 'utf-8', true);
  if (utf8 !== undefined) return utf8;
  if (isMostlyUtf8(bytes)) return new TextDecoder().decode(bytes);
  const declared = options.html ? byMeta(bytes) : undefined;
  if (declared !== undefined && !/^utf-?8$/i.test(declared)) {
    const text = decodeAs(bytes, declared);
    if (text !== undefined) return text;
  }
  return decodeAs(bytes, byStatistics(bytes)) ?? new TextDecoder('windows-1252').decode(bytes);
}
