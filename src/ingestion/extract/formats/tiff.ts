import utif, { type IFD } from 'utif2';
import { ExtractError } from '../extract-error.js';

/** An A4 page at 600 dots per inch has 35 million. */
const MOST_DOTS = 80_000_000;
const WIDTH = 't256';
const HEIGHT = 't257';
/** Bit 0: a smaller version of another page. */
const KIND = 't254';

const WHITE = 255;

/** The pages of a TIFF file that can be decoded: the engine of text recognition does not know the format. */
export class TiffFile {
  private readonly pages: IFD[];

  /** @throws ExtractError `document_corrupt` */
  constructor(private readonly bytes: Buffer) {
    try {
      this.pages = utif
        .decode(bytes)
        .filter((page) => number(page[WIDTH]) > 0 && (number(page[KIND]) & 1) === 0);
    } catch {
      throw new ExtractError('document_corrupt');
    }
    if (this.pages.length === 0) throw new ExtractError('document_corrupt');
  }

  get pageCount(): number {
    return this.pages.length;
  }

  /**
   * A page in shades of grey, as PGM; undefined where it cannot be decoded.
   * @throws ExtractError `document_too_large`
   */
  render(index: number): Uint8Array | undefined {
    const page = this.pages[index]!;
    const [width, height] = [number(page[WIDTH]), number(page[HEIGHT])];
    if (width * height > MOST_DOTS) throw new ExtractError('document_too_large');
    try {
      utif.decodeImage(this.bytes, page);
      const colours = utif.toRGBA8(page);
      if (!(height > 0) || colours.length < width * height * 4) return undefined;
      const head = Buffer.from(`P5\n${width} ${height}\n255\n`);
      const picture = Buffer.alloc(head.length + width * height, WHITE);
      head.copy(picture);
      for (let i = 0, at = head.length; i < width * height * 4; i += 4, at++) {
        const [red, green, blue, alpha] = [
          colours[i]!,
          colours[i + 1]!,
          colours[i + 2]!,
          colours[i + 3]! / 255,
        ];
        picture[at] = (0.299 * red + 0.587 * green + 0.114 * blue) * alpha + WHITE * (1 - alpha);
      }
      return picture;
    } catch {
      return undefined;
    } finally {
      // The pages of a long file would not fit into memory together.
      page.data = new Uint8Array();
    }
  }
}

function number(value: unknown): number {
  const first: unknown = Array.isArray(value) || value instanceof Uint16Array ? value[0] : value;
  return typeof first === 'number' && Number.isInteger(first) && first >= 0 ? first : 0;
}
