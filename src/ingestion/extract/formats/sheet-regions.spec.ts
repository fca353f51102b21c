import { readRegions, type SheetRow } from './sheet-regions.js';

/** Rows of cells parted by `|`; a number is one in the sheet, too. */
const read = (...rows: string[]): string[] => {
  const sheet = rows.map((row, index): SheetRow => {
    const values = row.split('|').map((value) => value.trim());
    return { index, values, isText: values.map((value) => Number.isNaN(Number(value))), isHidden: false };
  });
  return [...readRegions(sheet)].map(({ text }) => text);
};

test.each([
  ['fields and what they hold', ['Head of sales | Petra', 'Phone | +46 8 555', 'Warehouse | Gävle']],
  ['measures', ['Lot 1 | Desks | 600 t', 'Lot 2 | Chairs | 1,250 t', 'Lot 3 | Boards | 48 t']],
  ['measures of two columns', ['Recycled | 14,200 t', 'Incinerated | 3,900 t', 'Landfill | 650 t']],
])('%s have no row of names above them', (_, rows) => {
  expect(read(...rows)).toEqual(rows);
});

test.each([
  ['numbers', ['Month | Sales', 'May | 12', 'June | 14'], 'Month: May | Sales: 12'],
  [
    'words',
    ['Name | Role | Room', 'Ann | Chair | B4', 'Bob | Clerk | B5'],
    'Name: Ann | Role: Chair | Room: B4',
  ],
  [
    'measures',
    ['Site | 2023 | Note', 'Ghent | 12 t | new', 'Lyon | 14 t | old'],
    'Site: Ghent | 2023: 12 t | Note: new',
  ],
])('columns of %s are named', (_, rows, first) => {
  expect(read(...rows)[1]).toBe(first);
});
