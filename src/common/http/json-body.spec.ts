import { hasMoreMarks } from './json-body.js';

describe('the count of brackets and commas', () => {
  it.each([
    ['1', 0],
    ['[]', 1],
    ['[[],[],1]', 5],
    ['{"a":[1,2],"b":{}}', 5],
    ['"[,{"', 0],
    [String.raw`["\",[{", "\\", "€,"]`, 3],
    [String.raw`["unfinished \"`, 1],
    ['["\\', 1],
  ])('of %s is %i', (text, marks) => {
    const body = Buffer.from(text);
    expect(hasMoreMarks(body, marks)).toBe(false);
    if (marks > 0) expect(hasMoreMarks(body, marks - 1)).toBe(true);
  });
});
