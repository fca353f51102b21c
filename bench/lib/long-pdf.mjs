// A PDF with many pages of text and a picture of noise on each, so that it is as heavy as real ones.
// Called as `long-pdf.mjs <file> <pages>`.
import crypto from 'node:crypto';
import fs from 'node:fs';

const WORDS =
  'report table figure result method harbour tide ferry lantern orchard copper meadow glacier'.split(' ');

function pageText(number) {
  const lines = Array.from({ length: 45 }, (_, line) =>
    Array.from({ length: 11 }, (_word, i) => WORDS[(number * 7 + line * 3 + i * 5) % WORDS.length]).join(' '),
  );
  return [
    'BT /F1 10 Tf 14 TL 50 780 Td',
    `(Page ${number} begins here.) Tj T*`,
    ...lines.map((l) => `(${l}.) Tj T*`),
    'ET',
  ].join('\n');
}

/** @returns bytes; each picture takes about 120 KB, so 500 pages are some 60 MB */
function longPdf(pages, pictureSide = 200) {
  const parts = [Buffer.from('%PDF-1.7\n')];
  const offsets = [];
  let length = parts[0].length;
  const add = (...pieces) => {
    offsets.push(length);
    for (const piece of [`${offsets.length} 0 obj\n`, ...pieces, '\nendobj\n']) {
      const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
      parts.push(bytes);
      length += bytes.length;
    }
  };
  const kids = Array.from({ length: pages }, (_, i) => `${4 + i * 3} 0 R`).join(' ');
  add('<</Type/Catalog/Pages 2 0 R>>');
  add(`<</Type/Pages/Kids[${kids}]/Count ${pages}>>`);
  add('<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>');
  for (let i = 0; i < pages; i++) {
    const own = 4 + i * 3;
    add(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents ${own + 1} 0 R/Resources<</Font<</F1 3 0 R>>/XObject<</I ${own + 2} 0 R>>>>>>`,
    );
    const text = Buffer.from(`${pageText(i + 1)}\nq 100 0 0 100 400 40 cm /I Do Q`);
    add(`<</Length ${text.length}>>stream\n`, text, '\nendstream');
    const picture = crypto.randomBytes(pictureSide * pictureSide * 3);
    add(
      `<</Type/XObject/Subtype/Image/Width ${pictureSide}/Height ${pictureSide}/ColorSpace/DeviceRGB/BitsPerComponent 8/Length ${picture.length}>>stream\n`,
      picture,
      '\nendstream',
    );
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    Buffer.from(
      `xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${table}trailer<</Root 1 0 R/Size ${offsets.length + 1}>>\nstartxref\n${length}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

const [file, pages] = process.argv.slice(2);
fs.writeFileSync(file, longPdf(Number(pages)));
