import { Outages, partOf, type Part } from './outages.js';

describe('lines about a part that seems to be down', () => {
  let outages: Outages;
  let written: string[];
  let asked: Part[];
  const tell = (line: string, part: Part = 'database'): void => outages.tell(part, () => written.push(line));

  beforeEach(() => {
    outages = new Outages();
    written = [];
    asked = [];
    outages.watchWith((part) => asked.push(part));
  });

  it('are not written where it is down', () => {
    tell('first');
    tell('second');
    expect([written, asked]).toEqual([[], ['database']]);
    outages.began('database');
    expect(outages.isDown('database')).toBe(true);
    tell('third');
    outages.ended('database');
    expect([written, asked]).toEqual([[], ['database']]);
    expect(outages.isDown('database')).toBe(false);
  });

  it('are written where it is well after all, and it is asked anew the next time', () => {
    tell('first');
    tell('second');
    outages.ended('database');
    expect(written).toEqual(['first', 'second']);
    tell('third');
    expect(asked).toEqual(['database', 'database']);
  });

  it('do not speak for other parts', () => {
    tell('database');
    outages.began('database');
    tell('files', 'files');
    outages.ended('files');
    expect([written, asked]).toEqual([['files'], ['database', 'files']]);
  });

  it('are written at once where nobody watches, and none is lost when the watch ends', () => {
    tell('first');
    outages.close();
    tell('second');
    expect(written).toEqual(['first', 'second']);
    new Outages().tell('files', () => written.push('unwatched'));
    expect(written.at(-1)).toBe('unwatched');
  });

  it('are known by the code of an error', () => {
    expect(['database_unavailable', 'file_store_unavailable', 'internal_error'].map(partOf)).toEqual([
      'database',
      'files',
      undefined,
    ]);
  });
});
