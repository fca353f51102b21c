import { describe, expect, it } from '@jest/globals';
import { detectLanguage } from './language.js';

const TEXTS: [string, string][] = [
  ['en', 'The committee approved the report on the use of groundwater in the northern districts.'],
  ['de', 'Der Ausschuss billigte den Bericht über die Nutzung des Grundwassers in den nördlichen Bezirken.'],
  [
    'fr',
    "La commission a approuvé le rapport sur l'utilisation des eaux souterraines dans les districts du nord.",
  ],
  ['es', 'La comisión aprobó el informe sobre el uso de las aguas subterráneas en los distritos del norte.'],
  ['it', "La commissione ha approvato la relazione sull'uso delle acque sotterranee nei distretti del nord."],
  [
    'nl',
    'De commissie keurde het verslag over het gebruik van grondwater in de noordelijke districten goed.',
  ],
  ['ru', 'Комиссия одобрила доклад об использовании подземных вод в северных районах.'],
  ['tr', 'Komisyon, kuzey ilçelerinde yeraltı suyunun kullanımına ilişkin raporu onayladı.'],
  ['ar', 'وافقت اللجنة على التقرير الخاص باستخدام المياه الجوفية في المناطق الشمالية.'],
  ['hi', 'समिति ने उत्तरी जिलों में भूजल के उपयोग पर रिपोर्ट को मंजूरी दी।'],
  ['zh', '委员会批准了关于北部地区地下水利用情况的报告，并要求各部门在年底之前提交详细的计划。'],
];

describe('detectLanguage', () => {
  it.each(TEXTS)('knows %s', async (language, text) => {
    expect(await detectLanguage(text)).toBe(language);
    expect(await detectLanguage(text.repeat(40))).toBe(language);
  });

  it('does not guess from names, numbers and codes', async () => {
    for (const text of ['', 'Tesla Model S', 'Los Panthers', 'ORA-00942', '12 345,00', '0x1F '.repeat(500)])
      expect([text.slice(0, 20), await detectLanguage(text)]).toEqual([text.slice(0, 20), undefined]);
  });

  it('is not led astray by foreign names', async () => {
    const names =
      'The members of the council were José María Figueres, Felipe Calderón and Miguel de la Madrid of the north, and ' +
      'Sebastián Piñera, Carlos Salinas de Gortari, Juan Manuel Santos and Alejandro Toledo of the south.';
    expect(await detectLanguage(names)).toBe('en');
  });

  it('looks past an imprint in another language', async () => {
    const imprint = 'All rights reserved. No part of this publication may be reproduced without permission. ';
    expect(await detectLanguage(imprint + TEXTS[1]![1].repeat(30))).toBe('de');
  });

  it('takes hostile text', async () => {
    for (const piece of ['\ud800', '\u0000', 'á̂̃'.repeat(3), '👩‍👩‍👧'])
      await expect(detectLanguage(piece.repeat(100_000))).resolves.toBeUndefined();
  });
});
