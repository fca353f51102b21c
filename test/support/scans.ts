import { deflateSync } from 'node:zlib';
import { PdfDocument } from '../../src/ingestion/extract/formats/pdfium.js';

/** A page as a scanner sees it: eight bits of grey for each dot. */
export interface Scan {
  width: number;
  height: number;
  grey: Buffer;
}

interface PageParts {
  resources: string;
  content: string;
  /** An object of its own that the resources refer to as `@`. */
  extra?: Buffer;
}

function pdfOf(pages: readonly PageParts[]): Buffer {
  const parts: Buffer[] = [];
  const add = (text: string | Buffer): unknown => parts.push(Buffer.from(text));
  const kids = pages.map((_page, i) => `${10 + 3 * i} 0 R`).join(' ');
  add('%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n');
  add(`2 0 obj<</Type/Pages/Kids[${kids}]/Count ${pages.length}>>endobj\n`);
  for (const [i, { resources, content, extra }] of pages.entries()) {
    const id = 10 + 3 * i;
    add(
      `${id} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents ${id + 1} 0 R` +
        `/Resources${resources.replace('@', `${id + 2} 0 R`)}>>endobj\n` +
        `${id + 1} 0 obj<</Length ${content.length}>>stream\n${content}\nendstream endobj\n`,
    );
    if (extra) parts.push(Buffer.from(`${id + 2} 0 obj`), extra, Buffer.from('endobj\n'));
  }
  add('trailer<</Root 1 0 R>>\n%%EOF');
  return Buffer.concat(parts);
}

/** A page with these lines. @param size in points */
const printed = (lines: readonly string[], size: number): PageParts => ({
  content: `BT /F1 ${size} Tf ${1.25 * size} TL 60 700 Td ${lines.map((line) => `(${line}) Tj T*`).join(' ')} ET`,
  resources: '<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>',
});

/** A PDF of pages with these lines, as text. */
export const printedPdf = (pages: readonly (readonly string[])[]): Buffer =>
  pdfOf(pages.map((lines) => printed(lines, 12)));

/** A page with these lines at 24 points, as a picture. */
export async function scanOf(lines: readonly string[]): Promise<Scan> {
  const document = await PdfDocument.open(pdfOf([printed(lines, 24)]));
  const pgm = Buffer.from(document.render(0)!);
  document.close();
  const [, width, height] = /^P5\n(\d+) (\d+)\n255\n/
    .exec(pgm.subarray(0, 40).toString('latin1'))!
    .map(Number);
  return { width: width!, height: height!, grey: pgm.subarray(pgm.length - width! * height!) };
}

/** A PDF whose pages are pictures and nothing else. */
export function scannedPdf(scans: readonly Scan[]): Buffer {
  return pdfOf(
    scans.map(({ width, height, grey }) => {
      const packed = deflateSync(grey);
      const head =
        `<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceGray/BitsPerComponent 8` +
        `/Filter/FlateDecode/Length ${packed.length}>>stream\n`;
      return {
        resources: '<</XObject<</I @>>>>',
        content: 'q 595 0 0 842 0 0 cm /I Do Q',
        extra: Buffer.concat([Buffer.from(head), packed, Buffer.from('\nendstream ')]),
      };
    }),
  );
}
