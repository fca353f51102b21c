// Figures as one table. A target is a bound: `{ min }` or `{ max }`.

const digits = (value) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3);
const show = (value) => (typeof value === 'number' ? String(Number(value.toFixed(digits(value)))) : value);

export function meets(value, { min = -Infinity, max = Infinity } = {}) {
  return typeof value !== 'number' || (value >= min && value <= max);
}

function target({ min, max } = {}) {
  if (min !== undefined) return `at least ${min}`;
  return max === undefined ? '' : `at most ${max}`;
}

/** @param rows `{ bench, figure, value, unit?, wanted?, beside? }`; `beside` is a figure to compare with */
export function printTable(rows) {
  const cells = rows.map((row) => [
    row.bench,
    row.figure,
    `${show(row.value)}${row.unit ? ` ${row.unit}` : ''}`,
    row.beside ?? target(row.wanted),
    meets(row.value, row.wanted) ? '' : 'MISSED',
  ]);
  const all = [['bench', 'figure', 'measured', 'target', ''], ...cells];
  const widths = all[0].map((_cell, i) => Math.max(...all.map((line) => line[i].length)));
  for (const line of all)
    process.stdout.write(
      `${line
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd()}\n`,
    );
}
