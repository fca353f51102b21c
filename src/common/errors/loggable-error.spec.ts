import { loggableError, withoutData } from './loggable-error.js';

const SECRET = 'canary';
const databaseError = (message: string, code: string, more: object = {}): Error =>
  Object.assign(new Error(message), {
    code,
    severity: 'ERROR',
    detail: `Failing row contains (${SECRET}).`,
    where: `unnamed portal parameter $1 = '${SECRET}'`,
    ...more,
  });
const failed = (driverError: Error): Error =>
  Object.assign(new Error(driverError.message), driverError, {
    query: `insert into notes values ('${SECRET}')`,
    parameters: [SECRET],
    driverError,
  });

describe('loggableError', () => {
  it('keeps what tells the fault and drops what it was about, at every depth', () => {
    const inner = failed(
      databaseError('violates check constraint "notes_short"', '23514', { table: 'notes' }),
    );
    const all = new AggregateError([new Error('one'), inner], 'several', { cause: inner });
    const described = loggableError(new Error('outer', { cause: all }));
    expect(JSON.stringify(described)).not.toContain(SECRET);
    expect(described).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: {
        type: 'AggregateError',
        cause: { code: '23514', table: 'notes', message: 'violates check constraint "notes_short"' },
        aggregateErrors: [{ message: 'one' }, { code: '23514' }],
      },
    });
  });

  it.each([
    [
      databaseError(`invalid input syntax for type date: "${SECRET}"`, '22007'),
      'invalid input syntax for type date: "…"',
    ],
    [
      databaseError(`value "a "${SECRET}" b" is out of range for type integer`, '22003'),
      'value "…" is out of range for type integer',
    ],
    [databaseError(`syntax error in tsquery: "\n ${SECRET}"`, '42601'), 'syntax error in tsquery: "…"'],
    [databaseError('column "x" does not exist', '42703'), 'column "x" does not exist'],
    [failed(new Error(`cannot send "${SECRET}"`)), 'cannot send "…"'],
    [
      new SyntaxError(`Unexpected token 'c', "{ ${SECRET} }" is not valid JSON`),
      `Unexpected token 'c', "…" is not valid JSON`,
    ],
    [new Error('a message of "ours"'), 'a message of "ours"'],
  ])('takes values out of the message and the stack of %s', (error, message) => {
    const described = loggableError(error);
    expect(described.message).toBe(message);
    expect(described.stack).toMatch(/\n\s+at .*loggable-error\.spec/);
    expect(JSON.stringify(described)).not.toContain(SECRET);
  });

  it('does not take lines of a message for frames', () => {
    const error = databaseError(`could not read "\n    at ${SECRET} (x.ts:1:1)"`, '22P02');
    expect(loggableError(error).stack).not.toContain(SECRET);
  });

  it('ends on circles, and describes what is no error', () => {
    const circle = new Error('round');
    circle.cause = circle;
    expect(JSON.stringify(loggableError(circle)).length).toBeLessThan(100_000);
    expect(loggableError({ password: SECRET })).toEqual({
      type: 'object',
      message: 'what was thrown is no error',
    });
    expect(loggableError(undefined).type).toBe('undefined');
    expect(loggableError('text')).toEqual({ type: 'string', message: 'text' });
  });

  it('bounds what a message may hold', () => {
    expect(JSON.stringify(loggableError(new Error('x'.repeat(1e6)))).length).toBeLessThan(30_000);
  });
});

test('an error without data has nothing but its message, name and stack', () => {
  const error = withoutData(failed(databaseError(`invalid input syntax: "${SECRET}"`, '22007')));
  expect(Object.getOwnPropertyNames(error).sort()).toEqual(['message', 'name', 'stack']);
  expect(error.stack + error.message).not.toContain(SECRET);
});
