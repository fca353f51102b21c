import { nameQueryTerms, nameTerms } from './names.js';

/** Words of the question that the name is found by. */
const shared = (question: string, name: string, language?: string): string[] => {
  const terms = new Set(nameTerms(name, language));
  return nameQueryTerms(question, language)
    .filter((term) => terms.has(term))
    .sort();
};

test.each([
  ['AMD 2022 Q2 10-K', 'AMD_2022Q2_10K.pdf', ['10k', '2022', 'amd', 'q2']],
  ['amd 2022q2 10k', 'AMD-2022-Q2 10-K.pdf', ['10k', '2022', 'amd', 'q2']],
  ["What was AMD's revenue in the second quarter of 2022?", 'AMD_2Q22.pdf', ['2022', 'amd', 'q2']],
  ['results of the third fiscal quarter', 'acmeQ3.xlsx', ['q3']],
  ['first half of 2021', 'H1_2021.pdf', ['2021', 'h1']],
  ['FY22 net income of American Express', 'AMERICANEXPRESS_2022_10K.pdf', ['2022', 'americanexpress']],
  ['what does Bank of America say', 'BankOfAmerica.pdf', ['america', 'bank', 'bankofamerica']],
  ['best buy', 'bestbuy.pdf', ['bestbuy']],
  ['invoices', 'invoice.pdf', ['invoic']],
  ['pdf', 'invoice.pdf', []],
  ['the of and', 'the_of_and.pdf', []],
  ['第二季度', '第2季度_2022.pdf', ['q2', '季度']],
  ['', 'a.pdf', []],
])('%s finds %s', (question, name, wanted) => {
  const found = shared(question, name);
  expect(found).toEqual(expect.arrayContaining(wanted));
  if (wanted.length === 0) expect(found).toEqual([]);
});

test('the language of the document decides how its name is read', () => {
  expect(shared('Jahresberichte', 'Jahresbericht_2021.pdf', 'de')).toHaveLength(1);
  expect(shared('zweites Quartal', 'Q2.pdf', 'de')).toEqual(['q2']);
  expect(shared('deuxième trimestre', 'Q2.pdf', 'fr')).toEqual(['q2']);
});

test('the ending, and who asks for another period, find nothing', () => {
  expect(shared('second half', 'Q2_2022.pdf')).toEqual([]);
  expect(shared('fourth quarter of 2021', 'Q2_2022.pdf')).toEqual([]);
  expect(shared('20 22', '2022.pdf')).toEqual([]);
});

test('what is long or odd gives a bounded number of terms', () => {
  for (const odd of ['x '.repeat(50_000), '\ud800\0', 'a_'.repeat(120), '🙂.pdf', '1'.repeat(255)]) {
    expect(nameTerms(odd, 'en').length).toBeLessThan(300);
    expect(nameQueryTerms(odd, undefined, ['de', 'fr']).length).toBeLessThanOrEqual(160);
  }
  expect(nameTerms('', null)).toEqual([]);
});
