import { asksPermission, isCountry, needsPermission, tellsOfAbroad, tellsPermission } from './permissions.js';

describe('questions whether something is allowed', () => {
  test.each([
    'May I work from Japan?',
    'Is smoking allowed on the balcony?',
    'Darf ich im Ausland arbeiten?',
    'Ist das Rauchen erlaubt?',
  ])('ask for leave: %s', (question) => {
    expect([asksPermission(question), needsPermission(question)]).toEqual([true, true]);
  });

  test.each(['Can I bring my partner?', 'Kann ich die Daten exportieren?', 'Is a refund possible?'])(
    'may ask for what is able just as well: %s',
    (question) => {
      expect([asksPermission(question), needsPermission(question)]).toEqual([true, false]);
    },
  );

  test.each([
    'Ist der Vertrag unbefristet?',
    'Sind die Preise netto?',
    'Can the robot climb stairs?',
    'Is the lift working?',
    'When may the tenant leave?',
  ])('are none: %s', (question) => {
    expect(asksPermission(question)).toBe(false);
  });

  test('what gives or refuses leave, and what is said of other countries', () => {
    expect(tellsPermission('Pets require the consent of the landlord.')).toBe(true);
    expect(tellsPermission('The balcony faces south.')).toBe(false);
    expect(tellsOfAbroad('Work outside the EU is not permitted.')).toBe(true);
    expect(isCountry('Japan', 'en')).toBe(true);
    expect(isCountry('Österreich', 'de')).toBe(true);
    expect(isCountry('Ghent', 'en')).toBe(false);
  });
});
