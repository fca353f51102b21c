import { createRequire } from 'node:module';

const LANGUAGE = /^[a-z]{3}(?:_[a-z]{2,10}){0,2}$/i;

const { resolve } = createRequire(import.meta.url);

/** Where the data to recognise a language's text is installed; undefined where it is not. */
export function languageData(language: string): string | undefined {
  if (!LANGUAGE.test(language)) return undefined;
  for (const quality of ['4.0.0_best_int', '4.0.0']) {
    try {
      return resolve(`@tesseract.js-data/${language}/${quality}/${language}.traineddata.gz`);
    } catch {
      // The other quality, or none.
    }
  }
  return undefined;
}
