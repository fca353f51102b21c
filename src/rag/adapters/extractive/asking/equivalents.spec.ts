import { analyse } from '../../../../lexical/analyser/analyser.js';
import { equivalentsOf } from './equivalents.js';
import { identifiersOf } from './identifiers.js';
import { measureOf } from './measures.js';

const held = (question: string, text: string): string[] =>
  equivalentsOf(question, identifiersOf(question), analyse)
    .filter((one) => one.held(text))
    .flatMap((one) => one.terms);

test.each([
  ['Who is the CFO of Acme?', 'Ann Berg is Chief Financial Officer.', 'CFO'],
  ['Who is the Department of Justice?', 'The DOJ said so.', 'department justice'],
  ['Which agency is the FBI?', 'the Federal Bureau of Investigation', 'FBI'],
  ['who is the chief financial officer of acme?', 'Our CFO is Ann Berg.', 'chief financial officer'],
  ['What does E45 mean?', 'E-45 Floor sensor', 'E45'],
  ['What does E45 mean?', 'E-46 Floor sensor', ''],
  ['WHO IS THE CFO?', 'Ann Berg is Chief Financial Officer.', ''],
])('%s in %j: %s', (question, text, words) => {
  expect(held(question, text)).toEqual(analyse(words));
});

test.each([
  ['How heavy is it?', 'Weight | 21 kg', true],
  ['How heavy is it?', 'It weighs a lot.', true],
  ['How heavy is it?', 'It is 21 cm long.', false],
  ['How tall is he?', 'Ann Berg | 47 | Chief', false],
  ['How far is it?', 'It is 3.5 km away.', true],
  ['How old is it?', 'It was founded in 1998.', true],
])('%s by %j: %j', (question, text, told) => {
  expect(measureOf(question, analyse)!.held(text)).toBe(told);
});
