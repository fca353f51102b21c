import { bytes, duration, flag, integer, list, MB, TB } from './variable.js';

/** How files are read. */
export const EXTRACTION_VARIABLES = {
  extractTimeout: duration(
    { min: 1, max: 3600 },
    {
      env: 'EXTRACT_TIMEOUT',
      group: 'Limits',
      default: '120s',
      description:
        'Longest time for reading one file; where text is recognised in pictures, for each page (and 15 times this for the file).',
    },
  ),
  extractMemory: bytes(
    { min: 128 * MB, max: TB },
    {
      env: 'EXTRACT_MEMORY',
      group: 'Limits',
      default: '1gb',
      description: 'Memory that reading one file may take.',
    },
  ),
  extractProcesses: integer(
    { min: 1, max: 16 },
    {
      env: 'EXTRACT_PROCESSES',
      group: 'Limits',
      default: 1,
      description:
        'Files that are read at the same time, each in a process of its own with memory of its own.',
    },
  ),

  ocr: flag({
    env: 'OCR',
    group: 'Text recognition',
    default: true,
    description: 'Whether text is recognised in pictures and on scanned pages.',
  }),
  ocrLanguages: list({
    env: 'OCR_LANGUAGES',
    group: 'Text recognition',
    default: 'eng',
    description:
      'Languages of the texts in pictures, separated by commas, by their codes of three letters. Each but `eng` needs its data: `npm install @tesseract.js-data/deu`.',
  }),
} as const;
