import { isFileName, isPeriod, spacedName, spokenFileName, titleOfFile } from './file-name.js';

test.each([
  ['AMD_2022Q2_10K.pdf', 'AMD Q2 2022 10K'],
  ['AMERICANEXPRESS_2022_10K', 'AMERICANEXPRESS 2022 10K'],
  ['BestBuy10-K(3).pdf', 'Best Buy 10 K 3'],
  ['Q2FY23-HTMLReport.html', 'Q2 2023 HTML Report'],
  ['Earnings 2Q22.pptx', 'Earnings Q2 2022'],
  ['Q2_10-K_2022.pdf', 'Q2 10 K 2022'],
  ['PEPSICO_2023_8K_dated-2023-05-05.pdf', 'PEPSICO 2023 8K dated 2023 05 05'],
  ['2nd-ed.epub', '2nd ed'],
  ['folder/Annual_Report.v2.docx', 'folder Annual Report v2'],
  ['backup.tar.gz', 'backup'],
  ['.env', 'env'],
  ['a/.env', 'a env'],
  ['C++_primer.pdf', 'C++ primer'],
  ['年度报告2022.pdf', '年度报告 2022'],
  ['Ｒｅｐｏｒｔ＿２０２２.pdf', 'Report 2022'],
  ['\ud800report.pdf', 'report'],
  ['()_-.pdf', ''],
  ['', ''],
])('%s is said as "%s"', (name, said) => {
  expect(spokenFileName(name)).toBe(said);
});

test('a period is written one way, and is told from what names a thing', () => {
  expect(spacedName("in Q3'21, FY 22 and 1H2020")).toBe('in Q3 2021 FY 2022 and H1 2020');
  for (const period of ['FY2018', '2022Q2', 'Q2FY23', '2Q22', '22H1']) expect(isPeriod(period)).toBe(true);
  for (const name of ['AMD-2022Q2', 'FY2018A', 'INV-20417', 'E1234', '2022', '10-K'])
    expect(isPeriod(name)).toBe(false);
});

test.each([
  [null, 'AMD_2022Q2_10K.pdf', 'AMD Q2 2022 10K'],
  ['AMD_2022Q2_10K.pdf', 'AMD_2022Q2_10K.pdf', 'AMD Q2 2022 10K'],
  ['Form 10-K', 'AMD_2022Q2_10K.pdf', 'AMD Q2 2022 10K: Form 10-K'],
  ['Staff handbook 2024', 'staff-handbook.md', 'Staff handbook 2024'],
  ['Minutes', '0f8fad5b-d9cb-469f-a165-70867728950e.pdf', 'Minutes'],
  [null, '0f8fad5bd9cb469fa16570867728950e.pdf', '0f8fad5bd9cb469fa16570867728950e.pdf'],
  ['Minutes', null, 'Minutes'],
  ['AMD_2022Q2_10K', null, 'AMD Q2 2022 10K'],
  [null, null, null],
  [null, '()_-.pdf', '()_-.pdf'],
])('passages of a file with title %s and name %s begin with %s', (title, fileName, wanted) => {
  expect(titleOfFile(title, fileName)).toBe(wanted);
});

test('titles that are names of files are told from others', () => {
  for (const name of ['AMD_2022Q2_10K', 'AMD-2022Q2-10K', 'annual-report.pdf', 'Super_Bowl', 'BestBuy2022Q1'])
    expect([name, isFileName(name)]).toEqual([name, true]);
  for (const title of [
    'Super Bowl 50',
    'Normans',
    'COVID-19',
    'Node.js',
    'doc-1',
    'A_B c',
    'Intergovernmental',
    '',
  ])
    expect([title, isFileName(title)]).toEqual([title, false]);
});

test('a name of any length takes no time', () => {
  const startedAt = performance.now();
  for (const long of ['Q1'.repeat(50_000), '2'.repeat(100_000), 'aB1_'.repeat(50_000), 'FY '.repeat(50_000)])
    expect(spokenFileName(long).length).toBeLessThan(3_000);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
