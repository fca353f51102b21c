import { NamedTwins } from './named-twins.js';

const chosen = (question: string, ...titles: string[]): string[] =>
  new NamedTwins(question).choose(titles, (title) => ({ title, heading_path: [], fileName: null }));

describe('NamedTwins', () => {
  it.each([
    ['How many days of leave are in the handbook of 2024?', 'Handbook 2023', 'Handbook 2024'],
    ['How many days of leave are there in Lisbon?', 'Handbook of Porto', 'Handbook of Lisbon'],
    ['how many days of leave in the lisbon handbook', 'Porto Handbook', 'Lisbon Handbook'],
    ['What was the revenue in the second quarter, Q2 2022?', 'AMD_2022Q1_10Q', 'AMD_2022Q2_10Q'],
    ['Wie viel Urlaub gibt das Handbuch von 2024?', 'Handbuch 2023', 'Handbuch 2024'],
  ])('takes the one that is asked about: %s', (question, other, meant) => {
    expect(chosen(question, other, meant)).toEqual([meant]);
    expect(chosen(question, meant, other)).toEqual([meant]);
    expect(chosen(question, other, meant, other, meant)).toEqual([meant]);
  });

  it('takes each where several are asked about', () => {
    const question = 'Did the days of leave change from the handbook of 2023 to that of 2024?';
    expect(chosen(question, 'Handbook 2023', 'Handbook 2022', 'Handbook 2024', '2024: Handbook')).toEqual([
      'Handbook 2023',
      'Handbook 2024',
    ]);
  });

  it.each([
    ['How many days of leave are there?', 'Handbook', 'Copy of Handbook (1)'],
    ['How many days of leave are in the handbook?', 'Handbook', 'Handbook 2024 final'],
    // Ordinary words on both sides: two names of one thing.
    ['How many days of leave does the handbook for staff give?', 'Staff rules', 'The handbook'],
  ])('takes the better one of copies: %s', (question, first, copy) => {
    expect(chosen(question, first, copy)).toEqual([first]);
  });

  it('reads headings and names of files', () => {
    const named = new NamedTwins('How many days of leave were there in 2024?');
    const twins = [
      { title: 'Handbook', heading_path: ['2023'], fileName: null },
      { title: 'Handbook', heading_path: ['2024'], fileName: null },
    ];
    expect(named.choose(twins, (twin) => twin)).toEqual([twins[1]]);
    const files = ['handbook_2023.pdf', 'handbook_2024.pdf'].map((fileName) => ({
      title: 'Handbook',
      heading_path: [],
      fileName,
    }));
    expect(named.choose(files, (file) => file)).toEqual([files[1]]);
  });
});
