import { growth, LINEAR } from '../../../test/support/clock.js';
import { splitSentences } from './sentences.js';

const split = (text: string): string[] =>
  splitSentences(text).map(({ start, end }) => text.slice(start, end));

describe('splitSentences, in other languages than English', () => {
  test.each([
    ['de', 'Nicht genommener Urlaub verfällt am 31. März des Folgejahres.'],
    ['de', 'Am 1. und 15. Mai ist zu.'],
    ['de', 'Vom 28.–31. März ist zu.'],
    ['de', 'Die Frist endet am 3. Okt. 2024 um zehn.'],
    ['de', 'Der Plan hängt im 2. Stock.'],
    ['de', 'Sie wohnt im 2. OG.'],
    ['de', 'Die 2. Mahnung kostet 5 Euro.'],
    ['de', 'Seit dem 19. Jahrhundert und dem II. Weltkrieg steht es.'],
    ['de', 'Rechnung Nr. RE-2024-00815 vom 3. Mai liegt bei.'],
    ['de', 'Ansprechpartner ist Hr. Maier mit Frau Dipl.-Ing. Schmidt und Fr. A. Huber.'],
    ['de', 'Die Fa. Schmitz haftet, z. B. Folgendes, d. h. Alles, i. d. R. Zwei, i. V. Maier.'],
    ['de', 'Es kostet max. 5 EUR.'],
    ['fr', 'Le bailleur est la S.C.I. Les Tilleuls avec Mme. Lefèvre et MM. Martin.'],
    ['fr', 'Voir art. L. 1234-5 du Code.'],
    ['es', 'El director es el Lic. Pérez.'],
    ['es', 'Se presenta a la Sra. López en la Av. Reforma de EE. UU. México.'],
    ['it', 'Il presidente è il sig. Rossi con l’Avv. Gialli e la dott. Verdi.'],
    ['pt', 'A Dra. Lima e a Sra. Conceição assinam.'],
    ['nl', 'De directeur is mevr. Bakker, naast drs. Vos van Groen Huis B.V. Utrecht.'],
    ['pl', 'Firma sp. z o.o. Zielony Dom, ul. Długa, mgr. Lis.'],
    ['cs', 'Vedoucím je Mgr. Novák, Dům s.r.o. Brno, na nám. Míru, od 1. Ledna 2024.'],
    ['ru', 'Начальником отдела назначен проф. Иванов.'],
    ['ru', 'Офис по адресу ул. Ленина, д. 5, в г. Москве, т. е. Иванов.'],
    ['uk', 'Офіс на вул. Шевченка у м. Києві, див. Додаток.'],
    ['el', 'Διευθυντής είναι ο κ. Νικολάου, π.χ. Αθήνα, βλ. Παράρτημα.'],
    ['tr', 'Doç. Ali ve Av. Mehmet, 31. Mart günü gelir.'],
    ['ar', 'مدير القسم هو د. أحمد منصور.'],
    ['hi', 'विभाग प्रमुख डॉ. शर्मा हैं।'],
    ['hi', 'शुल्क रु. 500 प्रति माह है।'],
    ['hi', 'वह लिमि. कंपनी है।'],
    ['bn', 'ড. রহমান আসেন।'],
    ['th', 'ประชุมวันที่ 31 มี.ค. 2568 เวลา 9.00 น. ณ ห้อง'],
    ['vi', 'Trưởng phòng là PGS. TS. Nguyễn Văn An ở TP. Hồ Chí Minh.'],
    ['id', 'Kepala bagian adalah Bpk. Ahmad di Jl. Sudirman, biaya Rp. 500.000 per bulan.'],
    ['fi', 'Loma vanhenee 30. Huhtikuuta, ks. Liite, esim. Maija.'],
    ['hu', 'Az ülés 2024. Március 5-én lesz, ld. Melléklet, az 5. Cikk, dr. Nagy.'],
    ['sv', 'Det gäller t.ex. Lördag, bl.a. Söndag.'],
    ['da', 'Ferien udløber den 31. December 2024 hos hr. Jensen i den 3. Etage.'],
    ['nb', 'Møtet er den 3. Mai, f.eks. Oslo.'],
    ['ko', '보고서는 2024. 3. 31. 까지 제출합니다.'],
    ['ko', '보고서는 2024. 3. 31.까지 제출합니다.'],
    ['ko', '"네."라고 말했다.'],
    ['ja', '「はい。」と答えた。'],
    ['ja', '担当は佐藤さん（総務部。内線5）です。'],
    ['ja', '株式会社A.B.C.は東京にある。'],
    ['zh', '他说“行。好。”'],
  ])('%s: %s', (_, text) => {
    expect(split(`${text}\n\nx`)).toEqual([text, 'x']);
  });

  test.each([
    ['The score was 12.', 'The team won.'],
    ['I am 12.', 'Peter is 13.'],
    ['It opened in 2024.', 'March was cold.'],
    ['It fell to 12.', 'September was warm.'],
    ['It fell to 12.', 'May we go?'],
    ['The lamp needs 230 V.', 'The lamp is blue.'],
    ['Fuse: 16 A.', 'Sockets are red.'],
    ['Er braucht 400 V.', 'Das Licht geht.'],
    ['Please contact HR.', 'They help.'],
    ['She lives in Vancouver, BC.', 'She works.'],
    ['In the U.S.A.', 'The team won.'],
    ['Interferon-γ and Pol ε.', 'Previous studies show it.'],
    ['It contains H2A.Z.', 'Finally, it grows.'],
    ['See lri.fr.', 'Nothing else.'],
    ['He has a BS.', 'However, he left.'],
    ['Ask the doc.', 'Then go.'],
    ['It takes an eSIM.', 'It costs 5 EUR.'],
    ['He saw Doc.', 'That is all.'],
    ['Nobody told me.', 'Why not?'],
    ['Then World War II.', 'Germany lost.'],
    ['Urlaub verfällt am 31.', 'Der Rest bleibt.'],
    ['Møtet er den 12.', 'Han kommer.'],
    ['Die Pause dauert 45 Min.', 'Danach folgt die Übergabe.'],
    ['Han satte sig.', 'Hon gick.'],
    ['Приказ от 1 мая 2024 г.', 'Он подписан.'],
    ['Это был я.', 'Потом ушёл.'],
    ['Он помог им.', 'Она ушла.'],
    ['Бумага и т. д.', 'Всё есть.'],
    ['네.', '감사합니다.'],
    ['हे घर आहे.', 'ते मोठे आहे.'],
    ['يقع المكتب هنا.', 'مدير القسم هو أحمد.'],
    ['他说：“好的。”', '然后走了。'],
    ['（見本。）', '次に進む。'],
    ['佐藤さん（総務部。', '次に進む。'],
  ])('still ends: %s | %s', (first, second) => {
    expect(split(`${first} ${second}`)).toEqual([first, second]);
  });

  test('initials behind a year are no unit', () => {
    expect(split('In 1995 J. Smith came.')).toEqual(['In 1995 J. Smith came.']);
  });

  test.each([
    'x. Y ',
    'III. A',
    'am 31. März ',
    '（あ。',
    'क. ख। ',
    'ม. ',
    '1 V. ',
    '2024. 3. ',
    'z.B.',
    '」と',
  ])('takes a time that grows with the text only: many %j', async (piece) => {
    const text = (n: number): string => piece.repeat(Math.ceil(n / piece.length));
    expect(await growth((n) => splitSentences(text(n)), 5_000)).toBeLessThan(LINEAR);
  });
});
