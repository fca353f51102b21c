import { decodeText } from './encoding.js';
import { delimiterOf } from './formats/csv.js';
import { MIME } from './mime.js';

const HEAD = 8192;
const SNIFFED = 32 * 1024;
const MARKDOWN_NAMES = new Set(['.md', '.markdown', '.mdown', '.mkd', '.mdx']);
const HTML_NAMES = new Set(['.html', '.htm', '.xhtml', '.xht']);
const XML_NAMES = new Set([
  '.xml',
  '.rss',
  '.atom',
  '.svg',
  '.kml',
  '.gpx',
  '.xsd',
  '.xsl',
  '.wsdl',
  '.dita',
]);
const JSON_NAMES = new Set(['.json', '.jsonl', '.ndjson', '.geojson', '.jsonld', '.webmanifest']);
const TABLE_NAMES: Record<string, string> = { '.csv': MIME.csv, '.tsv': MIME.tsv, '.tab': MIME.tsv };
const CODE_NAMES = new Set(
  `.c .h .cc .cpp .cxx .hpp .hh .cs .java .kt .kts .scala .groovy .gradle .go .rs .swift .m .mm .py .pyi .rb .php .pl .pm .r
   .jl .lua .js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .sh .bash .zsh .fish .ps1 .bat .cmd .sql .css .scss .sass .less
   .dart .ex .exs .erl .hs .clj .cljs .elm .fs .fsx .ml .mli .nim .zig .v .vhd .asm .s .f90 .pas .vb .vbs .proto .graphql
   .tf .hcl .cmake .mk .dockerfile .yaml .yml .toml .ini .cfg .conf .properties .env .gitignore .patch .diff`
    .split(/\s+/)
    .filter((name) => name !== ''),
);

const HTML_START = /^<(?:!doctype\s+html|html|head|body)[\s>]/i;
const HTML_TAG =
  /^<(?:title|meta|link|script|style|base|div|p|h[1-6]|table|ul|ol|section|article|main|center|font|iframe)[\s>]/i;
const ANY_TAG = /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?>/i;
const XML_TAG = /^<(?:!DOCTYPE\s+)?[A-Za-z_][\w.:-]*(?:\s|\/?>)/;
const SUBRIP = /^\d{1,6}[^\S\n]*\r?\n(?:\d+:)?\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}[^\S\n]+-->/;
const MAIL_FIELD = /^[!-9;-~]{1,70}:(?:[^\S\n]|$)/;
const SURE_MAIL_FIELDS = /^(?:received|message-id|mime-version|return-path|delivered-to|dkim-signature):/im;
const USUAL_MAIL_FIELDS = /^(?:from|to|cc|subject|date|message-id|mime-version|received|content-type):/gim;

/** What follows leading white space, an XML declaration and comments. */
function skipPreamble(text: string): string {
  let rest = text.trimStart();
  for (;;) {
    const close = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined;
    const end = close === undefined ? -1 : rest.indexOf(close);
    if (close === undefined || end < 0) return rest;
    rest = rest.slice(end + close.length).trimStart();
  }
}

/** A block of header fields as only mails begin with; a memo may have "From:" and "To:" too. */
function isMail(head: string, isNamed: boolean): boolean {
  const fields = head.split(/\r?\n\r?\n/, 1)[0] ?? '';
  if (!MAIL_FIELD.test(fields)) return false;
  const usual = new Set([...fields.matchAll(USUAL_MAIL_FIELDS)].map(([name]) => name.toLowerCase())).size;
  return isNamed ? usual >= 1 : usual >= 3 && SURE_MAIL_FIELDS.test(fields);
}

/** A table that nobody named one: every one of several lines has as many columns. */
function tableType(bytes: Uint8Array): string | undefined {
  const text = decodeText(bytes.subarray(0, SNIFFED));
  // The last line may be cut off.
  const whole = bytes.length > SNIFFED ? text.slice(0, text.lastIndexOf('\n')) : text;
  const found = delimiterOf(whole);
  if (!found?.isEven || whole.trim().split('\n').length < 4) return undefined;
  if (found.delimiter === '\t') return MIME.tsv;
  return found.columns >= 3 ? MIME.csv : undefined;
}

/** Type of a file that is text of some kind, by its beginning; the name and the declared type only in doubt. */
export function textType(bytes: Uint8Array, extension: string, mime: string | null): string {
  // Read byte by byte, UTF-16 shows its zeros; the marks of all these types are ASCII in every encoding.
  const raw = Buffer.from(bytes.subarray(0, HEAD)).toString('latin1').replaceAll('\0', '');
  const head = raw.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '');
  const start = skipPreamble(head);
  if (/^WEBVTT(?:\s|$)/.test(head)) return MIME.vtt;
  if (SUBRIP.test(head.trimStart())) return MIME.srt;
  if (head.startsWith('{\\rtf')) return MIME.rtf;
  if (head.startsWith('%!PS')) return 'application/postscript';
  if (HTML_START.test(start)) return MIME.html;
  if (isMail(head, extension === '.eml' || mime === MIME.eml)) return MIME.eml;
  // READMEs like to begin with a <p> or <div>: there the name decides.
  if (MARKDOWN_NAMES.has(extension) || /^text\/(?:x-)?markdown/i.test(mime ?? '')) return MIME.markdown;
  const isDeclaredXml = head.trimStart().startsWith('<?xml');
  const saysXml = XML_NAMES.has(extension) || /^(?:application|text)\/(?:.+\+)?xml$/i.test(mime ?? '');
  if ((isDeclaredXml || saysXml) && XML_TAG.test(start) && !HTML_NAMES.has(extension)) return MIME.xml;
  if (CODE_NAMES.has(extension) || head.startsWith('#!/')) return MIME.code;
  const saysHtml = HTML_NAMES.has(extension) || /^(?:text\/html|application\/xhtml\+xml)/i.test(mime ?? '');
  if (saysHtml ? ANY_TAG.test(start) : extension !== '.txt' && HTML_TAG.test(start)) return MIME.html;
  const saysJson = JSON_NAMES.has(extension) || /^application\/(?:.+\+)?(?:x-)?(?:nd)?json/i.test(mime ?? '');
  if (/^[[{]/.test(start) && (saysJson || (extension !== '.txt' && /^[[{]\s*["[{\]}\d-]/.test(start))))
    return MIME.json;
  if (Object.hasOwn(TABLE_NAMES, extension)) return TABLE_NAMES[extension]!;
  if (/^text\/(?:csv|tab-separated-values)/i.test(mime ?? '')) return MIME.csv;
  return (extension === '' || extension === '.dat' ? tableType(bytes) : undefined) ?? MIME.text;
}
