import { computingTime } from '../../../test/support/clock.js';
import { analyse, analysisLanguage } from './analyser.js';
import { MAX_TOKEN_LENGTH, tokenize } from './tokens.js';

function tokens(text: string): string[] {
  const out: string[] = [];
  tokenize(text, (token) => out.push(token));
  return out;
}

test.each([
  ['Plain ASCII words, twice: words.', ['plain', 'ascii', 'words', 'twice', 'words']],
  ["don't l'été we'll", ['don', 'été', 'we']],
  ["it’s qu'il d'l'UE rock'n'roll", ['it', 'il', 'ue', 'rock', 'roll']],
  ['don´t ʼtis don‘t', ['don', 'ʼtis', 'don']],
  // Neither a tail nor an elision.
  ["Part D's premium O'Brien Xi'an п'ять", ['part', 'd', 'premium', 'o', 'brien', 'xi', 'an', 'п', 'ять']],
  ['well-known', ['well', 'known']],
  ['AMD-2022Q2', ['amd', '2022q2', 'amd-2022q2']],
  ['C++ and C# and F', ['c', 'c++', 'and', 'c', 'c#', 'and', 'f']],
  ['mail@example.com', ['mail', 'example', 'com', 'mail@example.com']],
  ['1,000 at 3.14', ['1', '000', '1,000', '1000', 'at', '3', '14', '3.14']],
  ['end.Next', ['end', 'next']],
  ['ﬁne ＡＢＣ ²', ['fine', 'abc', '2']],
  ['日本語 test', ['日本語', 'test']],
  ['हिन्दी में', ['हिन्दी', 'में']],
  ['naïve‑looking', ['naïve', 'looking']],
  ['a\0b \ud800c', ['a', 'b', 'c']],
  ['ISO14001 mir155', ['iso', '14001', 'iso14001', 'mir155']],
  ['v2.3.1, v2', ['2', '3', '1', '2.3.1', 'v2']],
  ['1,150.00', ['1', '150', '00', '1,150.00', '1150.00']],
  ['₹4,56,789', ['4', '56', '789', '4,56,789', '456789']],
  ['31’445.20', ['31', '445', '20', "31'445.20", '31445.20']],
  ["5'11 1,12 1990's", ['5', '11', '1', '12', '1,12', '1990']],
  ['Reise\u00adversicherung zero\u200bwidth', ['reiseversicherung', 'zerowidth']],
  ['عقد ٢٠٢٣', ['عقد', '2023']],
  ['부산에서 건강보험료는', ['부산', '건강', '강보', '보험', '험료']],
  ['AT&T, R&D & Procter&Gamble', ['at', 't', 'at&t', 'r', 'd', 'r&d', 'procter', 'gamble']],
  ['U.S. law, J.P. Morgan', ['u', 's', 'us', 'US', 'law', 'j', 'p', 'jp', 'morgan']],
  ['US-based WHO: IT.', ['us', 'US', 'based', 'who', 'WHO', 'it', 'IT']],
  ['WHOLE US-2024 _IT_ É IT/OT', ['whole', 'us', '2024', 'us-2024', 'it', 'IT', 'é', 'it', 'ot']],
  ['', []],
])('%j is cut into words', (text, expected) => {
  expect(tokens(text)).toEqual(expected);
});

test('lam-alef ligatures and their letters are the same word', () => {
  expect(tokens('ﻻ')).toEqual(tokens('لا'));
});

test('tokens are bounded, and so is the time for hostile text', () => {
  const spent = computingTime(() => {
    for (const piece of ['a', 'é', '漢', 'क्', 'a-', '漢 ', "x'"]) {
      const longest = tokens(piece.repeat(200_000)).reduce((most, token) => Math.max(most, token.length), 0);
      expect(longest).toBeGreaterThan(0);
      expect(longest).toBeLessThanOrEqual(MAX_TOKEN_LENGTH);
    }
  });
  expect(spent).toBeLessThan(10_000);
});

test('stop words go, forms of a word meet, accents of Latin letters do not matter', () => {
  expect(analyse('What was it that the cats did?')).toEqual(['cat']);
  expect(analyse('running ran runs')).toEqual(['run', 'ran', 'run']);
  expect(analyse('Cafés')).toEqual(analyse('CAFE'));
  expect(analyse('Häuser', 'de')).toEqual(analyse('haus', 'de'));
  expect(analyse('2022q2s')).toEqual(['2022q2s']);
});

test('a name in capitals is a term where its small letters are none, and no second one elsewhere', () => {
  expect(analyse('Does the WHO say who runs IT in the U.S.?')).toEqual([
    'WHO',
    'say',
    'run',
    'IT',
    'u',
    's',
    'US',
  ]);
  expect(analyse('IT-Abteilung', 'de')).toEqual(analyse('it-abteilung', 'de'));
});

test.each([
  ['ru', ['отчётность ребёнок чёрный приём', 'отчетность ребенок черный прием']],
  ['tr', ['IŞIK YILLIK İZİN', 'ışık yıllık izin']],
  ['vi', ['tiền điện', 'tien dien']],
  ['fr', ["maîtrise d'œuvre, sécurité", "maitrise d'oeuvre, securite"]],
  ['es', ['configuración de la región', 'configuracion de la region']],
  ['pt', ['administração', 'administracao']],
  ['uk', ['пʼять', "п'ять"]],
  ['pl', ['Łódź', 'Lodz']],
  ['da', ['Ørsted', 'Orsted']],
  ['en', ['Goethestraße', 'Goethestrasse']],
  ['hi', ['हिन्दी ज़रूरत २०२३', 'हिंदी जरूरत 2023']],
  ['si', ['ශ්‍රී', 'ශ්රී']],
  ['ml', ['അവന്‍ വീട്ടില്‍', 'അവൻ വീട്ടിൽ']],
  ['bn', ['র‍্যাব হঠাত্‍', 'র্যাব হঠাৎ']],
  ['kn', ['ಸಾಫ್ಟ್‌ವೇರ್', 'ಸಾಫ್ಟ್ವೇರ್']],
  ['de', ['Auf\u200clage', 'Auflage']],
  ['he', ["צה\"ל שָׁלוֹם ג'ורג'", 'צה״ל שלום ג׳ורג׳']],
  ['he', ['צה”ל', 'צהל']],
  ['fa', ['علی کتاب', 'علي كتاب']],
])('what is written in several ways is the same word (%s)', (language, [one, other]) => {
  expect(analyse(one!, language)).toEqual(analyse(other!, language));
});

test.each([
  ['th', 'การจัดการน้ำเสีย', 'น้ำ'],
  ['th', 'จํานวน', 'จำนวน'],
  ['lo', 'ນ້ຳປະປາ', 'ນ້ຳ'],
])('words without spaces between them are cut by a dictionary (%s: %s)', (language, text, word) => {
  expect(analyse(word, language)).toHaveLength(1);
  expect(analyse(text, language)).toEqual(expect.arrayContaining(analyse(word, language)));
});

test('languages are chosen by their code', () => {
  expect(analysisLanguage('de-AT')).toBe('de');
  expect(analysisLanguage(undefined)).toBe('en');
  expect(analysisLanguage('zh')).toBe('zh');
  expect(analysisLanguage('tl')).toBe('und');
  expect(analysisLanguage('constructor')).toBe('und');
  expect(analyse('houses', 'tl')).toEqual(['houses']);
});

test('finds Arabic words whose lam and alef a PDF holds the wrong way round', () => {
  for (const [right, wrong] of [
    ['الإنتاجية', 'اإلنتاجية'],
    ['الأولى', 'األولى'],
    ['الاستثمار', 'االستثمار'],
    ['خلال', 'خالل'],
  ] as const)
    for (const language of ['ar', 'en']) expect(analyse(wrong, language)).toEqual(analyse(right, language));
  expect(analyse('الكتاب', 'ar')).toEqual(analyse('كتاب', 'ar'));
  expect(analyse('كتاب', 'ar')).not.toEqual(analyse('مدرسة', 'ar'));
});

test.each([
  ['de', 'Wie viele Einwohner hatte die Stadt im Jahr 1900?', ['viel', 'einwohn', 'stadt', 'jahr', '1900']],
  ['fr', "Qu'est-ce que l'effet de serre ?", ['effet', 'serr']],
  ['es', '¿Cuántos habitantes tenía la ciudad?', ['habit', 'ten', 'ciud']],
  ['ru', 'Какой город был столицей?', ['город', 'столиц']],
  ['hi', 'भारत की राजधानी क्या है', ['भारत', 'राजधानी']],
  ['zh', '中国的皇帝在哪里', ['中国', '皇帝']],
  ['th', 'ทำไมน้ำท่วม', ['น้ำ', 'ท่วม']],
  ['ja', '日本の首都はどこですか', ['日本', '首都']],
  ['ja', '料金はいくらですか', ['料金']],
  ['ja', 'この橋は何年に建てられましたか', ['橋', '建て']],
  ['ko', '회사의 대표는 누구입니까?', ['회사', '대표']],
  ['ko', '금액은 얼마인가요', ['금액']],
  ['ko', '휴가는 언제부터 어디에서 신청합니까', ['휴가', '신청', '청합', '합니', '니까']],
  ['fi', 'Milloin silta on rakennettu ja kuka sen suunnitteli?', ['sil', 'rakennetu', 'suunnittel']],
  ['id', 'Siapakah pendiri perusahaan itu dan di mana kantornya?', ['pendiri', 'perusahaan', 'kantornya']],
  ['fa', 'پایتخت ایران کجاست؟', ['پايتخت', 'ايران']],
  ['fa', 'مدير كيست و چه می‌خواهد', ['مدير', 'خواهد']],
  ['bn', 'বাংলাদেশের রাজধানী কোথায় এবং কত মানুষ', ['বাংলাদেশের', 'রাজধানী', 'মানুষ']],
  ['te', 'భారతదేశ రాజధాని ఏది', ['భారతదేశ', 'రాజధాని']],
  ['ta', 'தலைநகரம் எது மற்றும் எங்கே?', ['தலைநகரம்']],
  ['ur', 'پاکستان کا دارالحکومت کیا ہے؟', ['پاكستان', 'دارلاحكومت']],
  ['sw', 'Nani ni mkurugenzi wa kampuni hii?', ['mkurugenzi', 'kampuni']],
  ['pl', 'Kiedy i przez kogo został zbudowany most?', ['zostal', 'zbudowany', 'most']],
  ['cs', 'Kdo je ředitelem a kde se narodil?', ['reditele', 'narodil']],
  ['hu', 'Ki az igazgató, és mikor született?', ['igazgato', 'szuletet']],
  ['uk', 'Хто є директором і скільки це коштує?', ['директором', 'коштує']],
  ['bg', 'Кой е директорът и колко струва това?', ['директорът', 'струва']],
  ['ca', 'On és el pont i qui són els enginyers?', ['pont', 'enginy']],
  ['he', 'מתי נבנה הגשר ומי היה האדריכל?', ['נבנה', 'הגשר', 'ומי', 'האדריכל']],
  ['ar', 'ما هي عاصمة مصر', ['عاصم', 'مصر']],
  ['nb', 'Hvem var kongen i Norge?', ['kong', 'norg']],
])('words that make a question in %s tell nothing', (language, question, terms) => {
  expect(analyse(question, language)).toEqual(terms);
});

test.each<[string, string, string[]]>([
  ['en', 'vitamin D', ['vitamin', 'd']],
  ['en', 'the S protein and T cells', ['s', 'protein', 't', 'cell']],
  ['en', "don't it's", []],
  ['fr', "l'eau", ['eau']],
  ['fr', 'vitamine D', ['vitamin', 'd']],
  ['fr', "l'hépatite C d'un patient", ['hepat', 'c', 'patient']],
  ['it', "la vitamina L e l'acqua", ['vitamin', 'l', 'acqua']],
])('a single letter is a stop word where it is tied to a word only (%s: %s)', (language, text, terms) => {
  expect(analyse(text, language)).toEqual(terms);
});

test('what is a stop word in one language is none in another', () => {
  expect(analyse('die', 'de')).toEqual([]);
  expect(analyse('die', 'en')).toEqual(['die']);
});
