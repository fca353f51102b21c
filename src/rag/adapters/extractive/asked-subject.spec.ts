import { answerPassage } from '../../../../test/support/answer-passage.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { nameTerms } from '../../../lexical/analyser/names.js';
import type { AnswerPassage } from '../../answer.types.js';
import { ExtractiveAnswerer, type ExtractiveOptions } from './extractive-answerer.js';

async function ask(
  question: string,
  passages: readonly AnswerPassage[],
  options: Partial<ExtractiveOptions> = {},
): Promise<string | undefined> {
  const answerer = new ExtractiveAnswerer({ analyse, nameTerms, ...options });
  for await (const event of answerer.answer({ question, passages }))
    if (event.type === 'citation') return event.citation.quote;
  return undefined;
}

/** An encoder that finds every sentence this near to the question. */
const near = (cosine: number): Partial<ExtractiveOptions> => ({
  similarity: (_, texts) => Promise.resolve(texts.map(() => cosine)),
});

const manual = (language: string, title: string, text: string): AnswerPassage =>
  answerPassage(text, { title, language });

const MANUALS = {
  en: manual(
    'en',
    'Press manual',
    'The press HP-200 weighs 900 kg. The oil must be changed every 500 hours. The button is left of the panel.',
  ),
  de: manual(
    'de',
    'Anleitung der Presse',
    'Die Presse HP-200 wiegt 900 kg. Das Öl muss alle 500 Stunden gewechselt werden. Der Schalter ist links neben dem Bedienfeld.',
  ),
  fr: manual(
    'fr',
    'Manuel de la presse',
    'La presse PH-200 pèse 900 kg. L’huile doit être remplacée toutes les 500 heures. Le bouton se trouve à droite du pupitre.',
  ),
  es: manual(
    'es',
    'Manual de la caldera',
    'La caldera CG-45 pesa 85 kg. El filtro debe limpiarse cada seis meses. La temperatura máxima es de 90 °C.',
  ),
  it: manual(
    'it',
    'Manuale della pressa',
    'La pressa PI-200 pesa 900 kg. L’olio va sostituito ogni 500 ore. Il pulsante si trova a sinistra del pannello.',
  ),
  pt: manual(
    'pt',
    'Manual da prensa',
    'A prensa PR-200 pesa 900 kg. O óleo deve ser trocado a cada 500 horas. O botão fica à esquerda do painel.',
  ),
  nl: manual(
    'nl',
    'Handleiding hefbrug',
    'De hefbrug HP-200 weegt 900 kg. De olie moet om de 500 uur worden ververst. De noodstop zit links.',
  ),
  pl: manual(
    'pl',
    'Instrukcja tokarki',
    'Tokarka TK-50 waży 1 200 kg. Olej należy wymieniać co 600 godzin pracy. Wyłącznik znajduje się po lewej stronie.',
  ),
  cs: manual(
    'cs',
    'Návod k soustruhu',
    'Soustruh SV-18 váží 1 650 kg. Olej se mění každých 500 hodin. Vypínač je vpravo od panelu.',
  ),
  ru: manual(
    'ru',
    'Руководство по станку',
    'Станок ТВ-320 весит 500 кг. Масло необходимо менять каждые 400 часов. Выключатель расположен слева от пульта.',
  ),
  el: manual(
    'el',
    'Εγχειρίδιο πρέσας',
    'Η πρέσα ΠΥ-100 ζυγίζει 900 κιλά. Το λάδι αλλάζει κάθε 500 ώρες. Ο διακόπτης βρίσκεται αριστερά.',
  ),
  tr: manual(
    'tr',
    'Torna tezgâhı kılavuzu',
    'TT-40 torna tezgâhının ağırlığı 1.350 kg’dır. Yağ her 500 saatte bir değiştirilmelidir. Düğme panelin sağındadır.',
  ),
  ar: manual(
    'ar',
    'دليل المكبس',
    'يزن المكبس ٩٠٠ كيلوغرام. يجب تغيير الزيت كل ٥٠٠ ساعة عمل. يقع الزر على يسار اللوحة.',
  ),
  hi: manual(
    'hi',
    'प्रेस मशीन पुस्तिका',
    'प्रेस मशीन का वजन ९०० किलोग्राम है। तेल हर ५०० घंटे में बदलना चाहिए। बटन पटल के बाईं ओर है।',
  ),
  bn: manual('bn', 'প্রেস মেশিনের নির্দেশিকা', 'প্রেস মেশিনের ওজন ৯০০ কেজি। প্রতি ৫০০ ঘণ্টায় তেল বদলাতে হবে।'),
  th: manual('th', 'คู่มือเครื่องอัด', 'เครื่องอัดมีน้ำหนัก 900 กิโลกรัม ต้องเปลี่ยนน้ำมันทุก 500 ชั่วโมง'),
  vi: manual(
    'vi',
    'Hướng dẫn máy ép',
    'Máy ép nặng 900 kg. Phải thay dầu sau mỗi 500 giờ. Nút dừng nằm bên trái.',
  ),
  zh: manual(
    'zh',
    '液压机使用手册',
    '液压机YJ-200重900公斤。每工作500小时必须更换润滑油。急停按钮位于控制面板左侧。',
  ),
  ja: manual(
    'ja',
    '油圧プレス取扱説明書',
    '油圧プレスPX-200の重量は900キログラムです。潤滑油は500時間ごとに交換してください。',
  ),
  ko: manual(
    'ko',
    '유압 프레스 설명서',
    '유압 프레스 PX-200의 무게는 900킬로그램입니다. 윤활유는 500시간마다 교체해야 합니다.',
  ),
  id: manual(
    'id',
    'Panduan mesin press',
    'Mesin press memiliki berat 900 kg. Oli harus diganti setiap 500 jam. Tombol terletak di sebelah kiri.',
  ),
};

type Language = keyof typeof MANUALS;

const cases = (table: readonly (readonly [Language, string, ...string[]])[]) =>
  table.flatMap(([language, ...questions]) => questions.map((question) => [language, question] as const));

describe('what a manual does not tell of its machine is not told by what it weighs', () => {
  const silent = cases([
    [
      'en',
      'How fast is the press?',
      'What colour is the press?',
      'Who built the press?',
      'What is the voltage of the press?',
    ],
    [
      'de',
      'Wie alt ist die Presse?',
      'Wie groß ist die Presse?',
      'Wie hoch ist die Presse?',
      'Was kostet die Presse?',
      'Wer ist der Hersteller der Presse?',
    ],
    [
      'fr',
      'Combien coûte la presse ?',
      'Qui est le fabricant de la presse ?',
      'Quel âge a la presse ?',
      'Quelle est la hauteur de la presse ?',
    ],
    ['es', '¿Cuánto cuesta la caldera?', '¿Qué altura tiene la caldera?', '¿Quién fabrica la caldera?'],
    ['it', 'Quanto costa la pressa?', 'Quanto è alta la pressa?', 'Chi è il produttore della pressa?'],
    ['pt', 'Quanto custa a prensa?', 'Qual é a altura da prensa?'],
    ['nl', 'Hoeveel kost de hefbrug?', 'Hoe hoog is de hefbrug?', 'Hoe snel is de hefbrug?'],
    ['pl', 'Ile kosztuje tokarka?', 'Jaką wysokość ma tokarka?', 'Jakie napięcie ma tokarka?'],
    ['cs', 'Kolik stojí soustruh?', 'Jak vysoký je soustruh?', 'Jakou barvu má soustruh?'],
    ['ru', 'Сколько стоит станок?', 'Какова высота станка?'],
    ['el', 'Πόσο κοστίζει η πρέσα;', 'Τι ύψος έχει η πρέσα;'],
    [
      'tr',
      'Torna tezgâhı kaç lira?',
      'Torna tezgâhının üreticisi kim?',
      'Torna tezgâhının yüksekliği nedir?',
    ],
    ['ar', 'كم سعر المكبس؟', 'ما ارتفاع المكبس؟', 'ما لون المكبس؟'],
    ['hi', 'प्रेस मशीन की कीमत कितनी है?', 'प्रेस मशीन का निर्माता कौन है?', 'प्रेस मशीन की ऊँचाई कितनी है?'],
    ['bn', 'প্রেস মেশিনের দাম কত?', 'প্রেস মেশিনের নির্মাতা কে?'],
    ['th', 'เครื่องอัดราคาเท่าไร', 'ใครผลิตเครื่องอัด', 'เครื่องอัดสูงเท่าไร'],
    ['vi', 'Máy ép giá bao nhiêu?', 'Máy ép cao bao nhiêu?', 'Máy ép màu gì?'],
    ['zh', '液压机多少钱?', '液压机有多高?', '液压机的电压是多少?', '液压机是什么颜色?'],
    ['ja', '油圧プレスの価格はいくらですか？', '油圧プレスの製造元はどこですか？', '油圧プレスの電圧は？'],
    ['ko', '유압 프레스의 가격은 얼마인가요?', '유압 프레스의 제조사는 어디인가요?'],
    ['id', 'Berapa harga mesin press?', 'Siapa pembuat mesin press?', 'Berapa tinggi mesin press?'],
  ]);
  test.each(silent)('%s: %s', async (language, question) => {
    expect(await ask(question, [MANUALS[language]])).toBeUndefined();
  });

  const told = cases([
    ['en', 'How heavy is the press?', 'How much does the press weigh?'],
    ['de', 'Wie schwer ist die Presse?'],
    ['fr', 'Combien pèse la presse ?'],
    ['es', '¿Cuánto pesa la caldera?'],
    ['it', 'Quanto pesa la pressa?'],
    ['pt', 'Quanto pesa a prensa?'],
    ['nl', 'Hoe zwaar is de hefbrug?'],
    ['pl', 'Ile waży tokarka?'],
    ['cs', 'Kolik váží soustruh?'],
    ['ru', 'Сколько весит станок?'],
    ['el', 'Πόσο ζυγίζει η πρέσα;'],
    ['tr', 'Torna tezgahının ağırlığı nedir?'],
    ['ar', 'كم يزن المكبس؟'],
    ['hi', 'मशीन का वज़न कितना है?'],
    ['bn', 'মেশিনের ওজন কত?'],
    ['th', 'เครื่องอัดหนักเท่าไร'],
    ['vi', 'Máy ép nặng bao nhiêu?'],
    ['zh', '液压机有多重?'],
    ['ja', '油圧プレスの重さは？'],
    ['ko', '유압 프레스의 무게는 얼마인가요?'],
    ['id', 'Berapa berat mesin press?'],
  ]);
  test.each(told)('%s: %s is told', async (language, question) => {
    expect(await ask(question, [MANUALS[language]])).toMatch(/85|9 ?00|९००|٩٠٠|1.200|1.650|500|1.350|৯০০/u);
  });

  test('unless an encoder finds that it says so in other words', async () => {
    const passages = [{ ...MANUALS.en, similarity: 0.6 }];
    expect(await ask('Who built the press?', passages, near(0.5))).toBeUndefined();
    expect(await ask('Who built the press?', passages, near(0.65))).toMatch(/^The press/);
  });
});

const REPORT = {
  title: 'Form 10-Q',
  fileName: 'AMD_2023Q2_10Q.html',
  headings: ['Condensed Consolidated Balance Sheets'],
};
const BALANCE = answerPassage(
  '| (in millions) | June 30, 2023 |\n|---|---|\n| Cash and cash equivalents | 8,880 |\n| Inventories | 3,737 |',
  REPORT,
);
const SHEET = answerPassage(
  'Condensed Consolidated Balance Sheets\n\n(In millions) September 30, 2022\nCash and cash equivalents 5,591\nInventories 1,736',
  { ...REPORT, fileName: 'AMD_2022Q3_10Q.pdf' },
);
const PRICES = answerPassage(
  '| Article | Description | List price EUR |\n|---|---|---|\n| PX-200 | Pump, medium | 2,480 |\n| PX-300 | Pump, large | 4,990 |',
  { title: 'Price list 2024' },
);

test.each([
  ['How many employees did AMD have in June 2023?', BALANCE, undefined],
  ['How many stores does AMD have in June 2023?', BALANCE, undefined],
  ['What were the inventories of AMD in June 2023?', BALANCE, /^Inventories/],
  ["What were AMD's inventories as of September 30, 2022?", SHEET, /^Inventories/],
  ['What was the price of the PX-300 in June 2024?', PRICES, /^PX-300/],
])('a date and a name carry no answer: %s', async (question, passage, answer) => {
  const quote = await ask(question, [{ ...passage, similarity: 0.5 }], near(0.5));
  if (answer) expect(quote).toMatch(answer);
  else expect(quote).toBeUndefined();
});
