import type { WrappedPdfiumModule } from '@embedpdf/pdfium';
import { ExtractError } from '../extract-error.js';
import { placeFields } from './pdf-fields.js';
import { LINE_HYPHEN } from './pdf-hyphens.js';
import type { PdfLine } from './pdf-layout.js';
import { memoryOf, pdfium } from './pdfium-engine.js';
import { hasFields, mergeFields } from './pdfium-forms.js';

// Error numbers of FPDF_GetLastError; it is stale after a success, so it is read only when a handle is 0.
const PASSWORD_ERROR = 4;
const SECURITY_ERROR = 5;
const FIRST_SURROGATE = 0xd800;
const HYPHEN_MARKS = new Set([0x02, 0xad, 0xfffe]);
const SAMPLES_PER_LINE = 6;
const SCRATCH_BYTES = 4096;
// Numbers of PDFium's interface.
const [PATH_OBJECT, IMAGE_OBJECT, FORM_OBJECT] = [2, 3, 5];
const GREY = 1;
const WITH_ANNOTATIONS = 1;
const MOST_OBJECTS = 5000;
const OUTLINES = 50;
const RENDER_DPI = 200;
const LONGEST_SIDE = 3400;

type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

/** A document in PDFium's memory. Every method that takes a page frees it before it returns. */
export class PdfDocument {
  private constructor(
    private readonly api: WrappedPdfiumModule,
    private readonly bytes: number,
    private readonly handle: number,
    private readonly scratch: number,
  ) {}

  /** @throws ExtractError `document_encrypted`, `document_corrupt` or `document_too_large`. */
  static async open(bytes: Uint8Array): Promise<PdfDocument> {
    const api = await pdfium();
    const { malloc, free } = api.pdfium.wasmExports;
    const scratch = malloc(SCRATCH_BYTES);
    const memory = malloc(bytes.length);
    if (scratch === 0 || memory === 0) throw new ExtractError('document_too_large');
    memoryOf(api).HEAPU8.set(bytes, memory);
    const handle = api.FPDF_LoadMemDocument(memory, bytes.length, '');
    if (handle !== 0) return new PdfDocument(api, memory, handle, scratch);
    const error = api.FPDF_GetLastError();
    free(memory);
    free(scratch);
    throw new ExtractError(
      error === PASSWORD_ERROR || error === SECURITY_ERROR ? 'document_encrypted' : 'document_corrupt',
    );
  }

  close(): void {
    this.api.FPDF_CloseDocument(this.handle);
    this.api.pdfium.wasmExports.free(this.bytes);
    this.api.pdfium.wasmExports.free(this.scratch);
  }

  get pageCount(): number {
    return this.api.FPDF_GetPageCount(this.handle);
  }

  metadata(key: 'Title'): string {
    const length = this.api.FPDF_GetMetaText(this.handle, key, this.scratch, SCRATCH_BYTES);
    return length > 2 && length <= SCRATCH_BYTES ? this.api.pdfium.UTF16ToString(this.scratch) : '';
  }

  language(): string {
    const length = this.api.FPDFCatalog_GetLanguage(this.handle, this.scratch, SCRATCH_BYTES);
    return length > 2 && length <= SCRATCH_BYTES ? this.api.pdfium.UTF16ToString(this.scratch) : '';
  }

  /**
   * Lines in reading order, with `LINE_HYPHEN` where a word is divided, and with what is filled into fields, or
   * undefined when the page itself is broken. `index` counts from 0.
   */
  lines(index: number): PdfLine[] | undefined {
    const written = this.readPage(index);
    if (!written?.isForm || !mergeFields(this.api, this.handle, index)) return written?.lines;
    const fields = this.readPage(index, written.count);
    if (!fields) return written.lines;
    // The page's own text comes first, as it was; where a field stands inside a line of it, all is read as it comes.
    return fields.text.startsWith(written.text)
      ? placeFields(written.lines, fields.lines)
      : this.readPage(index)?.lines;
  }

  private readPage(
    index: number,
    fieldsFrom?: number,
  ): { lines: PdfLine[]; count: number; isForm: boolean; text: string } | undefined {
    const page = this.api.FPDF_LoadPage(this.handle, index);
    if (page === 0) return undefined;
    try {
      const text = this.api.FPDFText_LoadPage(page);
      if (text === 0) return undefined;
      try {
        const count = this.api.FPDFText_CountChars(text);
        const isForm = hasFields(this.api, page);
        return {
          lines: this.readLines(text, index + 1, fieldsFrom),
          count,
          isForm,
          text: isForm || fieldsFrom !== undefined ? this.charactersOf(text, count) : '',
        };
      } finally {
        this.api.FPDFText_ClosePage(text);
      }
    } finally {
      this.api.FPDF_ClosePage(page);
    }
  }

  /** As PDFium has them, also those that are no characters. */
  private charactersOf(text: number, count: number): string {
    const codes = Array.from({ length: count }, (_, i) => this.api.FPDFText_GetUnicode(text, i));
    return codes.map((code) => String.fromCharCode(code & 0xffff)).join('');
  }

  /** Whether a page without text has something on it that could be read with the eyes. */
  hasPicture(index: number): boolean {
    const page = this.api.FPDF_LoadPage(this.handle, index);
    if (page === 0) return false;
    try {
      const count = Math.min(this.api.FPDFPage_CountObjects(page), MOST_OBJECTS);
      let paths = 0;
      for (let i = 0; i < count; i++) {
        const kind = this.api.FPDFPageObj_GetType(this.api.FPDFPage_GetObject(page, i));
        if (kind === IMAGE_OBJECT || kind === FORM_OBJECT) return true;
        // Text that was turned into outlines.
        if (kind === PATH_OBJECT && ++paths > OUTLINES) return true;
      }
      return false;
    } finally {
      this.api.FPDF_ClosePage(page);
    }
  }

  /** A page as a grey picture (PGM) of about 200 dots per inch; undefined where it cannot be drawn. */
  render(index: number): Uint8Array | undefined {
    const page = this.api.FPDF_LoadPage(this.handle, index);
    if (page === 0) return undefined;
    try {
      const points = [this.api.FPDF_GetPageWidthF(page), this.api.FPDF_GetPageHeightF(page)] as const;
      const scale = Math.min(RENDER_DPI / 72, LONGEST_SIDE / Math.max(...points));
      const [width, height] = points.map((length) => Math.round(length * scale)) as [number, number];
      if (!(width > 0 && height > 0)) return undefined;
      const bitmap = this.api.FPDFBitmap_CreateEx(width, height, GREY, 0, 0);
      if (bitmap === 0) return undefined;
      try {
        this.api.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
        this.api.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, WITH_ANNOTATIONS);
        const stride = this.api.FPDFBitmap_GetStride(bitmap);
        const from = this.api.FPDFBitmap_GetBuffer(bitmap);
        const header = Buffer.from(`P5\n${width} ${height}\n255\n`);
        const picture = Buffer.alloc(header.length + width * height);
        picture.set(header);
        const memory = memoryOf(this.api).HEAPU8;
        for (let y = 0; y < height; y++)
          picture.set(
            memory.subarray(from + y * stride, from + y * stride + width),
            header.length + y * width,
          );
        return picture;
      } finally {
        this.api.FPDFBitmap_Destroy(bitmap);
      }
    } finally {
      this.api.FPDF_ClosePage(page);
    }
  }

  /** Of the page, or from `fieldsFrom` on of its fields, each of which is a line wherever it stands. */
  private readLines(text: number, page: number, fieldsFrom?: number): PdfLine[] {
    const lines: PdfLine[] = [];
    const count = this.api.FPDFText_CountChars(text);
    let chars: string[] = [];
    let visible: number[] = [];
    let startsWithSymbol = false;
    const finish = (): void => {
      const line = chars
        .join('')
        .replace(/[ \t\u00a0]+/g, ' ')
        .trim();
      if (line !== '' && visible.length > 0)
        lines.push(this.describe(text, line, visible, { page, startsWithSymbol }));
      chars = [];
      visible = [];
      startsWithSymbol = false;
    };
    for (let i = fieldsFrom ?? 0; i < count; i++) {
      const code = this.api.FPDFText_GetUnicode(text, i);
      if (
        fieldsFrom !== undefined &&
        code > 0x20 &&
        visible.length > 0 &&
        !this.isBeside(text, visible.at(-1)!, i)
      )
        finish();
      if (code === 0x0a || code === 0x0d) {
        finish();
      } else if (HYPHEN_MARKS.has(code) && this.api.FPDFText_IsHyphen(text, i) === 1) {
        // A word divided at the line end: what follows is its second half, already on the same "line".
        chars.push(LINE_HYPHEN);
      } else if (code < 0x20 || code === 0xfffe || code === 0xffff || code > 0x10ffff) {
        // A glyph without a character; at the start of a line it is a bullet of a symbol font.
        if (visible.length === 0) startsWithSymbol = true;
        if (code === 0x09) chars.push(' ');
      } else {
        chars.push(String.fromCodePoint(code));
        if (code > 0x20 && (code < FIRST_SURROGATE || code > 0xdfff)) visible.push(i);
      }
    }
    finish();
    return lines;
  }

  private describe(
    text: number,
    line: string,
    visible: number[],
    facts: { page: number; startsWithSymbol: boolean },
  ): PdfLine {
    const first = this.geometry(text, visible[0]!);
    const last = this.geometry(text, visible.at(-1)!);
    const step = Math.max(1, Math.floor(visible.length / SAMPLES_PER_LINE));
    const sampled = visible.filter((_, i) => i % step === 0);
    const sizes = sampled.map((i) => this.geometry(text, i).size).toSorted((a, b) => a - b);
    const bold = sampled.filter((i) => this.isBold(text, i)).length;
    return {
      ...facts,
      text: line,
      angle: first.angle,
      along: first.along,
      across: first.across,
      lastAcross: last.across,
      size: sizes[sizes.length >> 1]!,
      bold: bold * 10 >= sampled.length * 9,
    };
  }

  /** Position along and across the direction of writing, so that rotated pages read like upright ones. */
  private geometry(
    text: number,
    index: number,
  ): { angle: number; along: number; across: number; size: number } {
    const at = this.scratch;
    if (!this.api.FPDFText_GetMatrix(text, index, at)) return { angle: 0, along: 0, across: 0, size: 0 };
    const [a, b, c, d, e, f] = memoryOf(this.api).HEAPF32.subarray(
      at >> 2,
      (at >> 2) + 6,
    ) as unknown as Matrix;
    const norm = Math.hypot(a, b) || 1;
    return {
      angle: Math.round((Math.atan2(b, a) * 180) / Math.PI),
      along: (a * e + b * f) / norm,
      across: (a * f - b * e) / norm,
      size: this.api.FPDFText_GetFontSize(text, index) * (Math.hypot(c, d) || norm),
    };
  }

  /** Whether one character follows another closely in the same line. */
  private isBeside(text: number, before: number, index: number): boolean {
    const [a, b] = [this.geometry(text, before), this.geometry(text, index)];
    const gap = b.along - a.along;
    return (
      a.angle === b.angle &&
      Math.abs(a.across - b.across) < 0.5 * a.size &&
      gap > -0.5 * a.size &&
      gap < 5 * a.size
    );
  }

  private isBold(text: number, index: number): boolean {
    if (this.api.FPDFText_GetFontWeight(text, index) >= 600) return true;
    const length = this.api.FPDFText_GetFontInfo(text, index, this.scratch, SCRATCH_BYTES, 0);
    if (length <= 1 || length > SCRATCH_BYTES) return false;
    return /bold|black|heavy|CMBX|[-,](?:semi|demi)/i.test(this.api.pdfium.UTF8ToString(this.scratch));
  }
}
