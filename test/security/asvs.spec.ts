import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE = fs.readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8');

/** How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has, as the numbers of its rows. */
const REQUIREMENTS: Record<string, readonly number[]> = {
  '2.1': upTo(3),
  '2.2': upTo(3),
  '2.3': upTo(4),
  '2.4': upTo(1),
  '3.2': upTo(2),
  '3.3': upTo(4),
  '3.4': upTo(6),
  '3.5': upTo(5),
  '3.7': upTo(2),
  '4.1': upTo(3),
  '4.2': upTo(1),
  '4.3': upTo(2),
  '4.4': upTo(4),
  '6.1': upTo(3),
  '6.2': upTo(12),
  '6.3': upTo(4),
  '6.4': upTo(4),
  '6.5': upTo(5),
  '6.6': upTo(3),
  '6.8': upTo(4),
  '7.1': upTo(3),
  '7.2': upTo(4),
  '7.3': upTo(2),
  '7.4': upTo(5),
  '7.5': upTo(2),
  '7.6': upTo(2),
  '8.1': upTo(2),
  '8.2': upTo(3),
  '8.3': upTo(1),
  '8.4': upTo(1),
  '9.1': upTo(3),
  '9.2': upTo(4),
  '10.1': upTo(2),
  '10.2': upTo(2),
  '10.3': upTo(4),
  '10.4': upTo(11),
  '10.5': upTo(5),
  '10.6': upTo(2),
  '10.7': upTo(3),
  '11.1': upTo(2),
  '11.2': upTo(3),
  '11.3': upTo(3),
  '11.4': upTo(4),
  '11.5': upTo(1),
  '11.6': upTo(1),
  '13.1': upTo(1),
  '13.2': upTo(5),
  '13.3': upTo(2),
  '13.4': upTo(5),
  '14.1': upTo(2),
  '14.2': upTo(4),
  '14.3': upTo(3),
  '16.1': upTo(1),
  '16.2': upTo(5),
  '16.3': upTo(4),
  '16.4': upTo(3),
  '16.5': upTo(3),
};
/** What is met by a document, or by something that is not there to be tested. */
const BY_DOCUMENT = /^(\d+\.1\.\d+|6\.2\.10|6\.4\.2|11\.2\.[13]|11\.4\.[13]|13\.4\.[15]|14\.2\.3)$/;

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

interface Row {
  ids: string[];
  state: string;
  references: { file: string; words: string | undefined }[];
  line: string;
}

/** `2.1.1-2.1.3`, `2.1.1, 2.2.2` and `2.1.1` at the beginning of a row. */
function idsOf(cell: string): string[] {
  return [...cell.matchAll(/(?:^|[\s,])(\d+\.\d+)\.(\d+)(?:-\1\.(\d+))?/g)].flatMap(
    ([, section, first, last]) =>
      Array.from(
        { length: Number(last ?? first) - Number(first) + 1 },
        (_, index) => `${section}.${Number(first) + index}`,
      ),
  );
}

const rows: Row[] = PAGE.slice(PAGE.indexOf('## OWASP ASVS'))
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [, what = '', state = '', how = ''] = line.split('|').map((cell) => cell.trim());
    const references = [...how.matchAll(/`([\w./-]+\/[\w./-]+|\.dockerignore)`(?: "([^"]+)")?/g)].map(
      ([, file = '', words]) => ({ file, words }),
    );
    return { ids: idsOf(what), state, references, line };
  });

/** The file that is meant; undefined when there is none. */
function find(reference: string): string | undefined {
  const candidates = [path.join(ROOT, reference), path.join(ROOT, 'test', `${reference}.spec.ts`)];
  return candidates.find((file) => fs.existsSync(file) && fs.statSync(file).isFile());
}

describe('the table of ASVS requirements', () => {
  test('names every requirement of levels 1 and 2, once', () => {
    const wanted = Object.entries(REQUIREMENTS).flatMap(([section, numbers]) =>
      numbers.map((number) => `${section}.${number}`),
    );
    const named = rows.flatMap(({ ids }) => ids);
    expect(wanted.filter((id) => !named.includes(id))).toEqual([]);
    expect(named.filter((id, index) => !wanted.includes(id) || named.indexOf(id) !== index)).toEqual([]);
  });

  test('says of each whether it is met, does not apply or is open', () => {
    expect(
      rows.filter(({ state }) => !['met', 'n/a', 'open'].includes(state)).map(({ line }) => line),
    ).toEqual([]);
  });

  test('names only files that are there, and words that occur in them', () => {
    const wrong = rows.flatMap(({ references, line }) =>
      references
        .filter(({ file, words }) => {
          const found = find(file);
          return !found || (words !== undefined && !fs.readFileSync(found, 'utf8').includes(words));
        })
        .map(({ file, words }) => `${file} "${words ?? ''}" in ${line}`),
    );
    expect(wrong).toEqual([]);
  });

  test('proves what is met by a test, unless a document is what is asked for', () => {
    const isTest = ({ file, words }: Row['references'][number]): boolean =>
      words !== undefined && (find(file)?.endsWith('.spec.ts') ?? false);
    const unproved = rows.filter(
      ({ ids, state, references }) =>
        state === 'met' &&
        !references.some((reference) => (ids.every((id) => BY_DOCUMENT.test(id)) ? true : isTest(reference))),
    );
    expect(unproved.map(({ line }) => line)).toEqual([]);
  });
});
