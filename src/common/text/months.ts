/** Months as they stand behind a day, after Unicode's CLDR. Not English: its days have no dot. */
const MONTHS = `
  januar februar märz april mai juni juli august september oktober november dezember jänner marts maj december mars
  desember januari februari augusti maart mei augustus tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta
  kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta jaanuar veebruar märts aprill juuni juuli
  oktoober detsember január február március április május június július augusztus szeptember október stycznia lutego
  marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia ledna února března dubna května
  června července srpna září října listopadu prosince januára februára apríla mája júna júla augusta septembra októbra
  novembra decembra marec junij julij avgust siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna
  studenoga prosinca janvier février avril juin juillet août septembre octobre novembre décembre enero febrero marzo
  abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio
  settembre ottobre dicembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro ianuarie
  februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie maret agustus ocak şubat mart nisan
  mayıs haziran temmuz ağustos eylül ekim kasım aralık sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio
  rugsėjo spalio lapkričio gruodžio janvāris februāris aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris
  decembris января февраля марта апреля мая июня июля августа сентября октября ноября декабря січня лютого березня
  квітня травня червня липня серпня вересня жовтня листопада грудня януари февруари март април май юни юли август
  септември октомври ноември декември јануар фебруар мај јун јул септембар октобар новембар децембар ιανουαρίου
  φεβρουαρίου μαρτίου απριλίου μαΐου μαίου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου`;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** In lower case. */
export const monthNames = words(MONTHS);
/** Of those, what English texts begin sentences with. */
export const englishToo = words('april august september november december mars');
/** Months that stand behind a year and its dot. */
export const monthsBehindYears = words(
  'január február március április május június július augusztus szeptember október',
);
