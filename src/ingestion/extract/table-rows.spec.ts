import { describe, expect, it } from '@jest/globals';
import type { TableCell } from './table-grid.js';
import { tableRows } from './table-rows.js';

/** Cells parted by `|`; `x*3` is one that spans three columns. */
const table = (...rows: string[]): TableCell[][] =>
  rows.map((row) =>
    row.split('|').map((cell) => {
      const [, text, span] = /^(.*?)(?:\*(\d+))?$/s.exec(cell.trim())!;
      return { text: text!.trim(), isHeader: false, colSpan: Number(span ?? 1), rowSpan: 1 };
    }),
  );

describe('tables that do not mark their header', () => {
  it('puts signs in cells of their own to their numbers and names the columns of all header rows', () => {
    const rows = tableRows(
      table(
        '| Three Months Ended June 30,*8 | Six Months Ended June 30,*8',
        '(in millions) | 2023*3 | | 2022*3 | | 2023*3 | | 2022*3 |',
        'Costs: | | | | | | | | | | | | | | | |',
        'Revenue | $ | 1,284 | | | $ | 1,102 | | | $ | 2,511 | | | $ | 2,176 | |',
        'Interest | | (21 | ) | | | (14 | ) | | | (40 | ) | | | — | |',
        'Margin | | 48.1 | % | | | (3.2 | )% | | | 1 | % | | | 2 | % |',
      ),
    );
    expect(rows).toEqual([
      'Three Months Ended June 30, | Six Months Ended June 30,',
      '(in millions) | 2023 | 2022 | 2023 | 2022',
      'Costs:',
      'Revenue (in millions) | Three Months Ended June 30, 2023: $1,284 | Three Months Ended June 30, 2022: $1,102 | Six Months Ended June 30, 2023: $2,511 | Six Months Ended June 30, 2022: $2,176',
      'Interest (in millions) | Three Months Ended June 30, 2023: (21) | Three Months Ended June 30, 2022: (14) | Six Months Ended June 30, 2023: (40) | Six Months Ended June 30, 2022: —',
      'Margin (in millions) | Three Months Ended June 30, 2023: 48.1% | Three Months Ended June 30, 2022: (3.2)% | Six Months Ended June 30, 2023: 1% | Six Months Ended June 30, 2022: 2%',
    ]);
  });

  it('takes the unit above the table along', () => {
    expect(
      tableRows(
        table('Balance sheets*4', '(in thousands)*4', '| 31.12.2023*2 | 31.12.2022', 'Cash | € | 5 | 4'),
      ),
    ).toEqual([
      'Balance sheets',
      '(in thousands)',
      '31.12.2023 | 31.12.2022',
      'Cash (in thousands) | 31.12.2023: €5 | 31.12.2022: 4',
    ]);
  });

  it('takes words above several columns of numbers for names', () => {
    expect(tableRows(table('Plan | Users | Price', 'Free | 1 | $0', 'Team | 10 | $9'))).toEqual([
      'Plan | Users | Price',
      'Plan: Free | Users: 1 | Price: $0',
      'Plan: Team | Users: 10 | Price: $9',
    ]);
  });

  it.each([
    ['fields', table('Name | Acme', 'Employees | 310', 'Sites | 4')],
    [
      'pairs of fields',
      table('Name | Acme | Fax | none', 'Phone | 555 | Sites | 4', 'Plants | 3 | Cars | 9'),
    ],
    ['contents', table('Part I | | Page', 'Item 1 | Statements | 3', 'Item 2 | Outlook | 20')],
    ['numbers throughout', table('Arms | 1 | 2', 'Legs | 3 | 4')],
    ['words', table('Menu | Welcome', 'Home | Open 9 to 5')],
  ])('leaves %s as they are', (_, cells) => {
    expect(tableRows(cells)).toEqual(
      cells.map((row) => row.flatMap(({ text }) => (text === '' ? [] : [text])).join(' | ')),
    );
  });

  it('takes no values for names because they are words', () => {
    const [, first] = tableRows(
      table('Item | State | Units', 'A | open | n/a', 'B | shut | 31', 'C | open | 2'),
    );
    expect(first).toBe('Item: A | State: open | Units: n/a');
  });

  it('leaves symbols that are values', () => {
    expect(tableRows(table('Currency | Sign | Rate', 'Euro | € | 1.08', 'Pound | £ | 1.27'))[1]).toContain(
      '€ | ',
    );
  });
});

describe('tables of office files', () => {
  it('join a second row of names below one that spans columns', () => {
    const words = table(
      'Lane | Carrier*2',
      '| Day | Night',
      'North | Tarn | Velour',
      'South | Velour | Tarn',
    );
    expect(tableRows(words, { likelyHeader: true })).toEqual([
      'Lane | Carrier',
      'Day | Night',
      'Lane: North | Carrier / Day: Tarn | Carrier / Night: Velour',
      'Lane: South | Carrier / Day: Velour | Carrier / Night: Tarn',
    ]);
    expect(tableRows(words)[2]).toBe('North | Tarn | Velour');
  });
});

describe('the first row of an office file is data', () => {
  const bold = (cells: TableCell[][]): TableCell[][] =>
    cells.map((row, i) => row.map((cell) => ({ ...cell, isBold: i === 0 })));
  it.each([
    ['of two columns', table('Recycled | 14,200 t', 'Incinerated | 3,900 t', 'Landfill | 650 t')],
    ['of fields', table('Head of sales | Petra', 'Phone | +46', 'Warehouse | Gävle')],
    [
      'with a measure',
      table('Lot 1 | Desks | 600 pieces', 'Lot 2 | Chairs | 1,250 pieces', 'Lot 3 | Boards | 48 pieces'),
    ],
  ])('%s', (_, cells) => {
    expect(tableRows(cells, { likelyHeader: true })).toEqual(
      cells.map((row) => row.map(({ text }) => text).join(' | ')),
    );
  });

  it.each([
    ['two columns where it is bold', bold(table('Day | On call', 'Monday | Ann', 'Tuesday | Bob'))],
    ['three columns', table('Day | On call | Room', 'Monday | Ann | 4', 'Tuesday | Bob | 5')],
    ['periods over values', table('Site | 2023 | 2024', 'Ghent | 600 t | 700 t', 'Lyon | 3 t | 4 t')],
  ])('but names %s', (_, cells) => {
    const [, second] = tableRows(cells, { likelyHeader: true });
    expect(second).toMatch(/^(?:Day: Monday \| On call: Ann|Site: Ghent \| 2023: 600 t)/);
  });
});

describe('header cells', () => {
  it('keep the name of a group next to an open corner', () => {
    const cells = table('| Revenue*2', 'Region | 2023 | 2022', 'North | 1 | 2');
    for (const cell of cells.slice(0, 2).flat()) cell.isHeader = true;
    expect(tableRows(cells)[2]).toBe('Region: North | Revenue / 2023: 1 | Revenue / 2022: 2');
  });
});

describe('hostile tables', () => {
  const cell = (text: string, colSpan = 1): TableCell => ({ text, isHeader: false, colSpan, rowSpan: 1 });
  it.each([
    ['rows', Array.from({ length: 35_000 }, (_, i) => [cell(`a${i}`), cell('$'), cell('1')])],
    [
      'columns',
      [Array.from({ length: 100_000 }, () => cell('$')), Array.from({ length: 100_000 }, () => cell('1'))],
    ],
    ['spans', Array.from({ length: 3000 }, () => [cell('', 1e9), cell('(21', 1e9), cell(')', 1e9)])],
    ['remarks', Array.from({ length: 50_000 }, () => [cell('(note)')])],
    [
      'signs',
      [[cell(`${'('.repeat(100_000)}1`), cell(`${'1'.repeat(100_000)}x`), cell('$ '.repeat(50_000))]],
    ],
  ])(
    'of many %s take linear time',
    (_, rows) => {
      const started = performance.now();
      const text = tableRows(rows).join('\n');
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(text.length).toBeLessThan(20_000_000);
    },
    60_000,
  );
});
