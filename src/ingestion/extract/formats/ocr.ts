import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { ExtractError } from '../extract-error.js';
import { languageData } from './ocr-languages.js';

/** The engine's own interface: `tesseract.js` would run it in a thread, which the sandbox does not allow. */
interface Engine {
  FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void };
  TessBaseAPI: new () => EngineApi;
}
interface EngineApi {
  Init(path: null, languages: string, engineMode: number): number;
  SetVariable(name: string, value: string): void;
  /** 1 where the picture cannot be decoded. */
  SetImageFile(orientation: number, angle: number): number;
  Recognize(monitor: null): number;
  GetTSVText(page: number): string;
  Clear(): void;
}

/** Pages of a file whose text is recognised. Each takes about a second. */
const MOST_PAGES = 500;

/** @throws ExtractError `document_too_large` where more pages than that are pictures */
export function requireFewPictures(count: number): void {
  if (count > MOST_PAGES)
    throw new ExtractError(
      'document_too_large',
      `Text is recognised on at most ${MOST_PAGES} scanned pages. Split the file into smaller ones.`,
    );
}

export interface RecognisedText {
  paragraphs: string[];
  /** Mean over the words, 0 to 100. */
  confidence: number;
}

/** Below this a "text" is noise that was seen in a photograph. */
const LEAST_CONFIDENCE = 50;
const LEAST_WORD_CONFIDENCE = 25;
const LSTM_ONLY = 1;
const WORD = '5';
const INPUT = '/input';

const resolve = createRequire(import.meta.url);

let engine: { api: EngineApi; module: Engine; languages: string } | undefined;

async function start(languages: readonly string[]): Promise<{ api: EngineApi; module: Engine } | undefined> {
  const available = languages.filter((language) => languageData(language) !== undefined);
  const names = available.join('+');
  if (names === '') return undefined;
  if (engine?.languages === names) return engine;
  const load = resolve('tesseract.js-core/tesseract-core-simd-lstm.wasm.js') as (
    options: object,
  ) => Promise<Engine>;
  const module = await load({ print: () => undefined, printErr: () => undefined });
  for (const language of available)
    module.FS.writeFile(`${language}.traineddata`, gunzipSync(readFileSync(languageData(language)!)));
  const api = new module.TessBaseAPI();
  if (api.Init(null, names, LSTM_ONLY) !== 0) return undefined;
  // Without a resolution of its own a picture is taken for one of 70 dpi, and told so on standard error.
  api.SetVariable('user_defined_dpi', '200');
  engine = { api, module, languages: names };
  return engine;
}

/** EXIF's orientation of a JPEG; 1 where there is none. */
function orientationOf(image: Uint8Array): number {
  const head = Buffer.from(image.subarray(0, 4096));
  for (const [mark, isLittle] of [
    [Buffer.from([0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00]), true],
    [Buffer.from([0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01]), false],
  ] as const) {
    const at = head.indexOf(mark);
    const value = at < 0 ? 0 : head[at + mark.length + (isLittle ? 0 : 1)]!;
    if (value >= 1 && value <= 8) return value;
  }
  return 1;
}

function parse(tsv: string): RecognisedText {
  const paragraphs = new Map<string, Map<string, string[]>>();
  let sum = 0;
  let words = 0;
  for (const row of tsv.split('\n')) {
    const [level, , block, paragraph, line, , , , , , confidence, ...rest] = row.split('\t');
    const text = rest.join('\t').trim();
    if (level !== WORD || text === '') continue;
    const certainty = Number(confidence);
    sum += certainty;
    words++;
    if (certainty < LEAST_WORD_CONFIDENCE) continue;
    const key = `${block}/${paragraph}`;
    const lines = paragraphs.get(key) ?? new Map<string, string[]>();
    paragraphs.set(key, lines);
    lines.set(line!, [...(lines.get(line!) ?? []), text]);
  }
  return {
    paragraphs: [...paragraphs.values()].map((lines) =>
      [...lines.values()].map((each) => each.join(' ')).join('\n'),
    ),
    confidence: words === 0 ? 0 : sum / words,
  };
}

/**
 * Text in a picture (PNG, JPEG, GIF, BMP, WebP, PNM, but not TIFF), paragraph by paragraph; none where it is too uncertain.
 * @returns undefined where no language of these is installed
 * @throws ExtractError `document_corrupt` for what is no picture
 */
export async function recognise(
  image: Uint8Array,
  languages: readonly string[],
): Promise<string[] | undefined> {
  const started = await start(languages);
  if (!started) return undefined;
  const { api, module } = started;
  module.FS.writeFile(INPUT, image);
  try {
    if (api.SetImageFile(orientationOf(image), 0) === 1) throw new ExtractError('document_corrupt');
    if (api.Recognize(null) !== 0) return [];
    const { paragraphs, confidence } = parse(api.GetTSVText(0));
    return confidence < LEAST_CONFIDENCE ? [] : paragraphs;
  } finally {
    api.Clear();
    module.FS.unlink(INPUT);
  }
}
