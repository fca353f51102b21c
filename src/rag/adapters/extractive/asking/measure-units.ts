import type { MeasureName } from './measure-words.js';

export type UnitName = 'money' | 'weight' | 'length' | 'time' | 'speed' | 'temperature' | 'voltage';

interface Told {
  /** Such a number tells it. */
  by: readonly UnitName[];
  /** Such a number may: the height of a rent is money. */
  maybe: readonly UnitName[];
}

export const TOLD_BY: Readonly<Record<MeasureName, Told>> = {
  price: { by: ['money'], maybe: [] },
  weight: { by: ['weight'], maybe: [] },
  height: { by: ['length'], maybe: ['money', 'time', 'speed', 'temperature', 'voltage'] },
  length: { by: ['length'], maybe: [] },
  distance: { by: ['length', 'time'], maybe: [] },
  age: { by: [], maybe: ['time'] },
  speed: { by: ['speed'], maybe: ['length', 'time'] },
  temperature: { by: ['temperature'], maybe: [] },
  voltage: { by: ['voltage'], maybe: [] },
  duration: { by: ['time'], maybe: ['length'] },
};

/** Units behind a number as they are written everywhere, or in languages that no other can be taken for. */
export const UNITS: Readonly<Record<UnitName, string>> = {
  money:
    '\\p{Sc} USD EUR GBP CHF JPY CNY INR PLN SEK NOK DKK CAD AUD eur(?:o|os|ó|ów|in|ina)? dollars? pounds? cents? pence zł\\p{L}* Kč korun\\p{L}* kr kron\\p{L}{1,2} lei RON Ft HUF forint\\p{L}* TL lira\\p{L}* руб\\p{L}* р грн гривень ευρώ ريال\\p{L}? درهم دينار جنيه دولار ש["״]ח שקל\\p{L}* रुपये रुपए रु টাকা đồng VND',
  weight:
    '[kmµμ]?g kgs? kilo(?!m|w)\\p{L}* gram(?!s?/)\\p{L}* tonn?\\p{L}{0,3} t lbs? pounds? oz ounces? кг г кило(?!м|в)\\p{L}* грамм?\\p{L}* тонн\\p{L}* т κιλ\\p{L}+ γραμμάρι\\p{L}+ كيلو\\p{L}* غرام\\p{L}* جرام\\p{L}* كغ كجم طن ק["״]ג קילו\\p{L}* גרם טון किलोग्राम किलो ग्राम टन কেজি কিলোগ্রাম গ্রাম টন',
  length:
    '[kcmnµμ]?m(?![²³/]) kilom\\p{L}+ meters? met(?:re|er|ri|ro)s? m[eè]tres? metros? metr[iyóů]?\\p{L}{0,2} cent[ií]m\\p{L}+ mil+[ií]m\\p{L}+ miles? yards? f(?:oo|ee)?t inch(?:es)? м см мм км метр\\p{L}* сантиметр\\p{L}* μέτρα μέτρο متر\\p{L}* سم מטר\\p{L}* ס["״]מ मीटर सेंटीमीटर মিটার mét',
  time: 's sec(?:ond)?s? h hrs?',
  speed: 'km/h kmh mph m/s rpm U/min obr/min об/мин км/ч kn knots? 1/min /min',
  temperature:
    '°\\s?[CFС]? ℃ degrees? grad(?:os|i)? degrés? градус\\p{L}* stopni\\p{L}* stup\\p{L}+ derece\\p{L}* درجة डिग्री độ astetta',
  voltage: '[km]?V volts? вольт\\p{L}* voltti\\p{L}* volt\\p{L}{0,3} فولت वोल्ट ভোল্ট',
};

/** The same where words are not parted by spaces. */
export const UNSPACED_UNITS: Readonly<Record<UnitName, string>> = {
  money: '万?[元円圆圓] 만?원 บาท',
  weight:
    '公斤 千克 克 吨 噸 キログラム キロ(?!メートル|ワット) グラム トン 킬로(?!미터|와트) 그램 톤 กิโลกรัม กรัม',
  length: '厘米 公分 毫米 公里 米 キロメートル メートル センチ ミリ 킬로미터 미터 센티 เมตร เซนติเมตร',
  time: '[个個]?[小]?[时時][间間]? 小[时時] 分[钟鐘]? 秒 天 日 [周週] [个個か力ヶヵカ]?月 年 [岁歲歳才] 시간 분 초 일 주 개월 달 년 월 세 살 ชั่วโมง นาที วินาที วัน สัปดาห์ เดือน ปี',
  speed: '公里/小[时時]',
  temperature: '度 도(?!\\p{Script=Hangul}) องศา',
  voltage: '伏特? ボルト 볼트 โวลต์',
};

/** Units of time in words, which one language may take for another's, by ISO 639-1. */
export const TIME_UNITS: Readonly<Record<string, string>> = {
  en: 'mins? minutes? hours? days? nights? weeks? months? quarters? years? decades?',
  de: 'Sekunden? Minuten? Stunden? \\p{L}+stunden \\p{L}*tage?n? Wochen? Monate?n? Jahre?n?',
  fr: 'secondes? minutes? heures? jours? semaines? mois ans? années?',
  es: 'segundos? minutos? horas? días? semanas? mes(?:es)? años?',
  it: 'second[oi] minut[oi] or[ae] giorn[oi] settiman[ae] mes[ei] ann[oi]',
  pt: 'segundos? minutos? horas? dias? semanas? m[eê]s(?:es)? anos?',
  nl: 'seconden minuten uur uren \\p{L}+uren dag \\p{L}*dagen we(?:ek|ken) maand(?:en)? jaar jaren',
  sv: 'sekunder minuter timm(?:e|ar) dag(?:ar)? veck(?:a|or) månad(?:er)? år',
  da: 'sekunder minutter timer? dage? uger? måned(?:er)? år',
  no: 'sekunder minutter timer? dag(?:er)? uker? måned(?:er)? år',
  pl: 'sekund\\p{L}* minut\\p{L}* godzin\\p{L}* dni dzień dnia tygodni\\p{L}* tydzień miesi\\p{L}+ lata? rok\\p{L}*',
  cs: 'sekund\\p{L}* minut\\p{L}* hodin\\p{L}* \\p{L}+ních_hodin dn[íůy] den týdn\\p{L}+ měsíc\\p{L}* let roky?',
  ro: 'secunde minute? or[eă] zile? săptămân\\p{L}+ lun[iă] an[iu]?',
  tr: 'saniye\\p{L}* dakika\\p{L}* saat\\p{L}* çalışma_saat\\p{L}* gün\\p{L}* hafta\\p{L}* ay\\p{L}{0,3} yıl\\p{L}*',
  ru: 'секунд\\p{L}* минут\\p{L}* час\\p{L}{0,2} день дн(?:я|ей) недел\\p{L}+ месяц\\p{L}* год\\p{L}{0,2} лет г',
  uk: 'секунд\\p{L}* хвилин\\p{L}* годин\\p{L}* день дн(?:ів|і) тижн\\p{L}+ місяц\\p{L}+ рок\\p{L}+ рік',
  el: 'δευτερόλεπτα λεπτά ώρ\\p{L}+ ημέρ\\p{L}+ μέρες εβδομάδ\\p{L}+ μήν\\p{L}+ χρόνια έτη ετών',
  ar: 'ثانية دقيقة دقائق ساعة ساعات يوم\\p{L}* أيام أسبوع\\p{L}* أسابيع شهر\\p{L}* أشهر سنة سنوات عام\\p{L}* أعوام',
  he: 'שניות דקות שע(?:ה|ות) ימים ימי שבועות חודשים חודשי שנים שנה שנות',
  hi: 'सेकंड मिनट घंट\\p{L}* दिन दिनों सप्ताह हफ़्ते महीने माह वर्ष साल',
  bn: 'মিনিট ঘণ্ট\\p{L}* দিন সপ্তাহ মাস বছর',
  vi: 'giây phút giờ ngày tuần tháng năm',
  fi: 'sekun\\p{L}+ minuut\\p{L}+ tun\\p{L}+ \\p{L}+tunnin päiv\\p{L}+ viik\\p{L}+ kuukau\\p{L}+ vuo\\p{L}+',
  hu: 'másodperc\\p{L}* perc\\p{L}* ór\\p{L}+ \\p{L}+órán\\p{L}* nap\\p{L}* h[eé]t\\p{L}* hónap\\p{L}* év\\p{L}*',
  id: 'detik menit jam hari minggu bulan tahun',
};

/** "bis zu 900 kg" tells no time. */
const NO_LIMIT = String.raw`(?!['’\s]{1,2}(?:(?:zu|auf|a|à|al|ao|do)\s+)?\p{Nd})`;
const wholeWord = (words: string): RegExp =>
  new RegExp(String.raw`(?<![\p{L}-])(?:${words})(?![\p{L}-])`, 'iu');

/** What tells a measure without a number, in any language. */
export const TOLD_WITHOUT_NUMBER: Partial<Readonly<Record<MeasureName, RegExp>>> = {
  price: wholeWord(
    String.raw`free(?!\sto)|no\scharge|complimentary|gratis|kostenlos|kostenfrei|gratuite?s?|gratuit[oa]s?|gratuitamente|bezpłatn\p{L}+|zdarma|ingyen\p{L}*|ilmai\p{L}+|ücretsiz|бесплатн\p{L}+|безкоштовн\p{L}+|δωρεάν|مجان\p{L}*`,
  ),
  duration: wholeWord(
    String.raw`(?:bi-?)?(?:daily|weekly|monthly)|quarterly|yearly|annual(?:ly)?|hourly|nightly|twice|once\s(?:an?|per|every|each)|(?:\p{Nd}+|two|three|four|five|six|several|many)\stimes|forever|(?:halb|viertel)?(?:täglich|wöchentlich|monatlich|jährlich|stündlich)|quotidien\p{L}*|hebdomadaire\p{L}*|mensuel\p{L}*|annuel\p{L}*|diari\p{L}+|semanal\p{L}*|mensual\p{L}*|mensal\p{L}*|anual\p{L}*|giornal\p{L}+|settimanal\p{L}+|mensil\p{L}+|annual\p{L}+|dagelijks|wekelijks|maandelijks|jaarlijks|dagligen|årligen|codziennie|miesięcznie|denně|týdně|měsíčně|ročně|ежедневно|еженедельно|ежемесячно|ежегодно|щодня|щотижня|щомісяця|щороку|(?:until|till|bis|jusqu\p{L}*|hasta|fino|até|до)${NO_LIMIT}`,
  ),
};
