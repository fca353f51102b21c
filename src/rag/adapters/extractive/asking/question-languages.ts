import { UNSPACED } from './question-unspaced.js';
import type { Asking } from './asking.types.js';

const SCANDINAVIAN_DAYS = 'mandag tirsdag onsdag torsdag fredag søndag';
const SCANDINAVIAN_MONTHS =
  'januar februar mars marts april mai maj juni juli august september oktober november desember december';

/** By ISO 639-1. */
export const ASKING: Readonly<Record<string, Asking>> = {
  en: {
    person: 'who whom whose which(?=_(?:person|man|woman|scientist|author|player|king|president))',
    number:
      'how_(?:many|much|long|old|tall|far|high|deep|big|large|wide|fast|heavy|often|soon|late|early|quickly|frequently|thick|expensive) what(?=_(?:number|percentage|percent|amount|age|size|length|distance|proportion|fraction))',
    time: 'when what(?=_(?:year|date|day|month|century|decade|time)) (?:in|since|until)_which(?=_year)',
    place: 'where (?:what|which)(?=_(?:city|country|state|place|town|location|continent))',
    explanation: 'why how',
    confirmation: 'is am are was were do does did can could has have had will would should may must',
    little:
      'many much name call called kind type sort example tell explain describe list give find know state mean get got gets need needs',
    amounts:
      'one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million billion half third quarter dozen none once twice',
    times:
      'january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday century centuries decade today yesterday spring summer autumn winter morning evening (?:before|after|during|since|until)_the within',
    reasons:
      'because since so_that due_to owing_to in_order_to therefore thus causes? caused by_\\p{L}+ing reasons? leads?_to results?_in designed_to allows? enables? through using',
  },
  de: {
    nounsInCapitals: true,
    person: 'wer wem wen wessen',
    number:
      'wie_viele?[nrms]? wieviele?[nrms]? wie_(?:hoch|lange?|alt|groß|gross|weit|tief|breit|schwer|schnell|oft|häufig|teuer|stark|dick|warm|heiß) wievielte[nrms]? was_kosten? was_kostet welche[rnms]?(?=_(?:anzahl|zahl|höhe|betrag|anteil|prozentsatz|größe|länge|temperatur))',
    time: 'wann welche[rnms]?(?=_(?:jahr|tag|datum|monat|jahrhundert|zeit|frist))',
    place: 'wo woher wohin welche[rnms]?(?=_(?:stadt|land|ort|staat))',
    explanation: 'warum weshalb wieso wozu wodurch wie',
    confirmation:
      'ist sind war waren hat haben hatte kann kannst können könnte darf dürfen muss müssen soll sollen sollte wird werden gibt_es gilt gelten bekommt? bekomme brauche',
    little:
      'geben gibt gebe bekommen bekomme bekommt erhalten erhalte erhält kriegen kriege dürfen darf darfst müssen muss musst sollen soll wollen will möchte möchten brauchen brauche braucht haben habe machen mache macht finden finde nennen nennt heißen heißt bedeuten bedeutet beschreiben erklären kennen wissen betragen beträgt höhe betrag anzahl sagen zurück bitte art name beispiel man mein meine meinen meiner',
    amounts:
      'null zwei(?:er)? drei(?:er)? vier fünf sechs sieben acht neun zehn elf zwölf \\p{L}*zehn \\p{L}*zig \\p{L}*dreißig \\p{L}*hundert \\p{L}*tausend million(?:en)? milliarden? hälfte halbe[nrs]? drittel viertel dutzend keine einmal zweimal dreimal \\p{L}+fache[ns]? eine?[nrs]?_(?:stunde|tag|woche|monat|jahr|minute)e?s?',
    times:
      'januar februar märz april mai juni juli august september oktober november dezember (?:mon|diens|donners|frei|sams|sonn)tags? mittwochs? jahrhunderts? jahrzehnte?n? heute gestern morgens? abends? frühling sommer herbst winter (?:vor|nach|während|seit|bis)_(?:der|dem|des|den|zum) innerhalb binnen spätestens (?:stunde|tag|woche|monat|jahr|minute)e?n?s?',
    reasons:
      'weil denn da damit deshalb daher darum somit wegen aufgrund durch um ursachen? gründe? führt_zu indem ermöglicht dient mittels',
  },
  fr: {
    person: 'qui(?!_est-ce_que)',
    number:
      "combien quel(?:le)?s?(?=_(?:est_(?:le_|la_|l['’]))?(?:nombre|montant|âge|taille|durée|prix|pourcentage|longueur|hauteur|distance|température))",
    time: 'quand quel(?:le)?s?(?=_(?:est_(?:le_|la_|l.))?(?:année|date|jour|mois|siècle|heure|délai))',
    place: 'où quel(?:le)?s?(?=_(?:ville|pays|endroit|lieu))',
    explanation: 'pourquoi comment',
    confirmation:
      "est-ce_que est-ce_qu(?=[’']) (?:est|sont|a|ont|peut|peuvent|doit|doivent|faut|puis|dois|y_a)-\\p{L}+ peut-on",
    little:
      'montant nombre temps avoir obtenir recevoir reçois pouvoir peux peut devoir dois doit faut falloir besoin faire fait fais donner donne trouver appelle appeler nom nomme signifie expliquer décrire exemple type sorte quelle quel combien dure',
    amounts:
      'deux trois quatre cinq six sept huit neuf dix onze douze quinze vingt trente quarante cinquante soixante cents? mille millions? milliards? moitié tiers quart douzaine aucune? une?_(?:an|année|mois|semaine|jour|heure)',
    times:
      "janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche siècles? décennies? hier printemps été automne hiver matin soir (?:avant|après|pendant|depuis|jusqu[’']au?)_(?:le|la|les|l) sous an?s? années? mois jours? semaines? heures?",
    reasons:
      'parce_qu\\p{L}* car puisqu\\p{L}* afin pour grâce en_\\p{L}+ant donc raisons? causes? permet à_cause_d\\p{L}* entraîne',
  },
  es: {
    person: 'qui[eé]n(?:es)?',
    number:
      'cu[aá]nt[oa]s? cu[aá]l(?:es)?(?=_(?:es|son|era)_(?:el|la)_(?:número|importe|precio|edad|tamaño|duración|porcentaje|longitud|altura|distancia|temperatura))',
    time: 'cu[aá]ndo qu[eé](?=_(?:año|día|fecha|mes|siglo|hora))',
    place: 'd[oó]nde ad[oó]nde qu[eé](?=_(?:ciudad|país|lugar))',
    explanation: 'por_qu[eé] para_qu[eé] c[oó]mo',
    confirmation: 'es son hay puedo puede pueden tengo tiene tienen debo debe está están se_puede hay_que',
    little:
      'importe cantidad número tiempo cuesta tener tengo tiene tienen poder puedo puede deber debo debe hay recibir recibo recibe obtener necesito necesita hacer hago hace dar dan llama llamar nombre significa explicar describir ejemplo tipo dura es son',
    amounts:
      'dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta cien(?:to)? cientos mil mill[oó]n(?:es)? mitad tercio cuarto docena ningun[oa]? una?_(?:año|mes|semana|día|hora)',
    times:
      'enero febrero marzo abril mayo junio julio agosto sep?tiembre octubre noviembre diciembre lunes martes mi[eé]rcoles jueves viernes s[aá]bado domingo siglos? décadas? ayer primavera verano otoño invierno (?:antes|después|durante|desde|hasta)_(?:de|el|la) plazo años? mes(?:es)? días? semanas? horas?',
    reasons:
      'porque para por_lo_que debido ya_que causas? razón razones permite mediante gracias \\p{L}+[ai]endo',
  },
  it: {
    person: 'chi',
    number:
      "quant[oaie] quant(?=['’]) qual[ei]?(?=_è_(?:il_|la_|l['’])(?:numero|importo|prezzo|età|durata|percentuale|lunghezza|altezza|distanza|temperatura))",
    time: '(?:entro_)?quando (?:che|quale)(?=_(?:anno|giorno|data|mese|secolo|ora))',
    place: "dove dov(?=['’]) (?:che|quale)(?=_(?:città|paese|luogo))",
    explanation: 'perch[eéè] come',
    confirmation: 'è sono ha hanno posso può possono devo deve devono esiste esistono si_può',
    little:
      'importo numero tempo avere ho ottenere ricevere ricevo potere posso può dovere devo deve bisogno serve fare faccio fa dare chiama chiamare nome significa spiegare descrivere esempio tipo costa dura',
    amounts:
      'due tre quattro cinque sei sette otto nove dieci undici dodici quindici venti trenta quaranta cinquanta cento mille \\p{L}*mila milion[ei] miliard[oi] metà terzo quarto dozzina nessun[oa]? una?_(?:anno|mese|settimana|giorno|ora)',
    times:
      'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre luned[iì] marted[iì] mercoled[iì] gioved[iì] venerd[iì] sabato domenica secol[oi] ieri primavera estate autunno inverno (?:prima|dopo|durante|dal|fino)_(?:di|il|la|al) entro ann[oi] mes[ei] giorn[oi] settiman[ae] or[ae]',
    reasons:
      'perch[eé] poich[eé] affinché per grazie quindi causa ragion[ei] permette tramite \\p{L}+[ae]ndo',
  },
  pt: {
    person: 'quem',
    number:
      'quant[oa]s? qual(?=_(?:é_)?[oa]_(?:número|valor|preço|idade|duração|percentagem|porcentagem|comprimento|altura|distância|temperatura))',
    time: 'quando (?:que|qual)(?=_(?:ano|dia|data|mês|século|hora|prazo))',
    place: 'onde aonde (?:que|qual)(?=_(?:cidade|país|lugar))',
    explanation: 'por_qu[eê] porqu[eê] como',
    confirmation: 'é são há posso pode podem tenho tem têm devo deve está existe',
    little:
      'valor montante número tempo custa ter tenho tem poder posso pode dever devo deve receber recebo obter preciso precisa fazer faço faz dar chama chamar nome significa explicar descrever exemplo tipo dura',
    amounts:
      'dois duas três quatro cinco seis sete oito nove dez onze doze quinze vinte trinta quarenta cinquenta cem cento mil milh(?:ão|ões) bilh(?:ão|ões) metade terço quarto dúzia nenhuma? uma?_(?:ano|mês|semana|dia|hora)',
    times:
      'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo séculos? décadas? ontem primavera verão outono inverno (?:antes|depois|durante|desde|até)_(?:d?[oa]) prazo anos? m[eê]s(?:es)? dias? semanas? horas?',
    reasons: 'porque para por_isso devido pois causas? razão razões permite através graças \\p{L}+[aei]ndo',
  },
  nl: {
    person: 'wie wiens',
    number:
      'hoeveel hoe_(?:hoog|lang|oud|groot|ver|diep|breed|zwaar|snel|vaak|duur|laat|dik) welke?(?=_(?:aantal|bedrag|percentage|leeftijd|lengte|hoogte))',
    time: 'wanneer welke?(?=_(?:jaar|dag|datum|maand|eeuw|tijd|termijn))',
    place: 'waar waarheen waarvandaan welke?(?=_(?:stad|land|plaats))',
    explanation: 'waarom waardoor hoe',
    confirmation:
      'is zijn was waren heeft hebben kan kunnen mag mogen moet moeten wordt worden bestaat geldt',
    little:
      'krijgen krijg krijgt ontvangen ontvang mogen mag moeten moet hebben heb nodig willen wil doen doe doet geven geef vinden noemen heet heten naam betekent uitleggen beschrijven bedraagt bedrag aantal kost terug soort type voorbeeld',
    amounts:
      'twee drie vier vijf zes zeven acht negen tien elf twaalf \\p{L}*tien \\p{L}*tig \\p{L}*honderd \\p{L}*duizend miljoen miljard helft derde kwart dozijn geen eenmaal tweemaal een_(?:jaar|maand|week|dag|uur)',
    times:
      'januari februari maart april mei juni juli augustus september oktober november december (?:maan|dins|woens|donder|vrij|zater|zon)dag eeuw decennia gisteren lente zomer herfst winter ochtend avond (?:voor|na|tijdens|sinds|tot)_(?:de|het) binnen uiterlijk jaar maand(?:en)? dag(?:en)? we(?:ek|ken) uur',
    reasons: 'omdat want doordat zodat daarom dus wegens door om oorza(?:ak|ken) redenen? zorgt',
  },
  sv: {
    person: 'vem vems vilka_personer',
    number:
      'hur_(?:många|mycket|lång|långt|länge|gammal|stor|hög|högt|djup|ofta|tung|snabbt|snart) vad_kostar',
    time: 'när vilket(?=_(?:år|datum|århundrade)) vilken(?=_(?:dag|månad))',
    place: 'var vart varifrån',
    explanation: 'varför hur',
    confirmation: 'är var har kan får måste ska finns',
    little: 'få får kan måste behöver behöva göra gör ha har heter kallas betyder finns ge tillbaka typ namn',
    amounts:
      'två tre fyra fem sex sju åtta nio tio elva tolv tjugo trettio fyrtio femtio hundra tusen miljon(?:er)? hälften tredjedel fjärdedel inga ett_år en_(?:månad|vecka|dag|timme)',
    times:
      'januari februari mars april maj juni juli augusti september oktober november december måndag tisdag onsdag torsdag fredag lördag söndag århundradet inom senast år månad(?:er)? dag(?:ar)? veck(?:a|or) (?:före|efter|under|sedan)',
    reasons: 'eftersom därför för_att genom orsak\\p{L}* på_grund_av',
  },
  da: {
    person: 'hvem hvis',
    number:
      'hvor_(?:mange|meget|lang|langt|længe|gammel|stor|stort|høj|højt|dyb|ofte|tung|hurtigt) hvad_koster',
    time: 'hvornår hvilket(?=_(?:år|århundrede)) hvilken(?=_(?:dag|måned|dato))',
    place: 'hvor hvorfra hvorhen',
    explanation: 'hvorfor hvordan',
    confirmation: 'er var har kan må skal findes',
    little:
      'få får kan må skal behøver gøre gør have har hedder kaldes betyder findes give tilbage type navn',
    amounts:
      'to tre fire fem seks syv otte ni ti elleve tolv tyve tredive fyrre halvtreds hundrede tusind million(?:er)? halvdelen tredjedel ingen et_år en_(?:måned|uge|dag|time)',
    times: `${SCANDINAVIAN_MONTHS} ${SCANDINAVIAN_DAYS} lørdag århundrede inden senest år måned(?:er)? dage? uger? (?:før|efter|under|siden)`,
    reasons: 'fordi derfor for_at ved_at årsag\\p{L}* på_grund_af',
  },
  no: {
    person: 'hvem',
    number: 'hvor_(?:mange|mye|lang|langt|lenge|gammel|stor|stort|høy|høyt|dyp|ofte|tung|fort) hva_koster',
    time: 'når hvilket(?=_(?:år|århundre)) hvilken(?=_(?:dag|måned|dato))',
    place: 'hvor hvorfra hvorhen',
    explanation: 'hvorfor hvordan',
    confirmation: 'er var har kan må skal finnes',
    little: 'få får kan må skal trenger gjøre gjør ha har heter kalles betyr finnes gi tilbake type navn',
    amounts:
      'to tre fire fem seks sju syv åtte ni ti elleve tolv tjue tretti førti femti hundre tusen million(?:er)? halvparten tredjedel ingen et_år en_(?:måned|uke|dag|time)',
    times: `${SCANDINAVIAN_MONTHS} ${SCANDINAVIAN_DAYS} lørdag århundre innen senest år måned(?:er)? dag(?:er)? uker? (?:før|etter|under|siden)`,
    reasons: 'fordi derfor for_å ved_å årsak\\p{L}* på_grunn_av',
  },
  pl: {
    person: 'kto kogo komu kim czyj\\p{L}?',
    number:
      'ile ilu jak_(?:długo|długi|często|wysok\\p{L}+|daleko|duż\\p{L}+|star\\p{L}+|szybko|głębok\\p{L}+) w_jakiej(?=_wysokości)',
    time: 'kiedy (?:w_)?któr\\p{L}+(?=_(?:roku|dniu|miesiącu|wieku))',
    place: 'gdzie skąd dokąd',
    explanation: 'dlaczego czemu jak w_jaki_sposób',
    confirmation: 'czy',
    little:
      'jest są był była było jaki jaka jakie jaką co który która które mogę może można muszę musi trzeba mam ma mieć dostać dostanę otrzymać otrzymam potrzebuję zrobić dać nazywa znaczy wynosi kwota wysokość liczba kosztuje trwa się i w z na do od dla po za o czy przysługuje rodzaj przykład',
    amounts:
      'dw(?:a|ie|óch|om) trz(?:y|ech) czter(?:y|ech) pięć pięciu sześć sześciu siedem siedmiu osiem ośmiu dziewięć dziesięć dziesięciu dwanaście dwadzieścia trzydzieści \\p{L}+dziesiąt sto dwieście tysiąc\\p{L}* milion\\p{L}* miliard\\p{L}* połow\\p{L} raz (?:rok|miesiąc|tydzień|dzień)',
    times:
      'stycz\\p{L}+ lut\\p{L}+ mar(?:zec|ca|cu) kwie\\p{L}+ maj\\p{L}? czerw\\p{L}+ lip(?:iec|ca|cu) sierp\\p{L}+ wrze\\p{L}+ październik\\p{L}? listopad\\p{L}* grud\\p{L}+ poniedziałek wtorek środ\\p{L} czwartek piątek sobot\\p{L} niedziel\\p{L} wiek\\p{L}? wczoraj ciągu przed po (?:rok|lat|miesi)\\p{L}* dni tygodni\\p{L}?',
    reasons: 'ponieważ bo gdyż dlatego żeby aby dzięki powod\\p{L}+ przyczyn\\p{L}+ poprzez',
  },
  ro: {
    person: 'cine cui',
    number: 'câ[tț](?:i|e|ă)? cât_de_\\p{L}+',
    time: 'când (?:în_)?ce(?=_(?:an|zi|dată|lună|secol))',
    place: 'unde',
    explanation: 'de_ce cum',
    confirmation: 'este sunt era are au pot poate trebuie există',
    little:
      'timp pot poate trebuie primesc primi avea face dau numește înseamnă costă durează există tip nume',
    amounts:
      'doi două trei patru cinci șase șapte opt nouă zece unsprezece doisprezece douăzeci treizeci sută sute mie mii milion milioane jumătate treime sfert un_(?:an) o_(?:lună|săptămână|zi|oră)',
    times:
      'ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie luni marți miercuri joi vineri sâmbătă duminică secol\\p{L}* înainte după termen an[iu]?l?u?i? luni? zile săptămâni ore',
    reasons: 'pentru_că deoarece fiindcă pentru_a din_cauza motiv\\p{L}* prin',
  },
  tr: {
    person: 'kim(?:in|e|i|ler|den)?',
    number: 'kaç(?:ı|a|ta)? ne_kadar ne_sıklıkla ne_kadar_(?:süre|zaman)\\p{L}* yüzde_kaç',
    time: 'ne_zaman hangi(?=_(?:yıl|gün|ay|tarih|yüzyıl)\\p{L}*) kaçıncı',
    place: 'nerede nereye nereden neresi hangi(?=_(?:şehir|ülke|yer)\\p{L}*)',
    explanation: 'neden niçin niye nasıl',
    confirming: 'm[ıiuü](?:yım|yim|yız|yiz|sın|sin|dır|dir|dur|dür|ydı|ydi)?',
    little:
      'var yok gerek gerekir gerekiyor gerekli alabilirim alabilir alırım almak olur olabilir yapmak yapılır vermek denir adı anlama gelir nedir tutar tutarı sayısı sürer kadar tür örnek geri',
    amounts:
      'iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz bin milyon milyar yarı\\p{L}* üçte çeyrek bir_(?:yıl|ay|hafta|gün|saat)',
    times:
      'ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık(?:ta)? pazartesi salı çarşamba perşembe cuma cumartesi pazar yüzyıl\\p{L}* dün önce sonra içinde kadar yıl\\p{L}* ay gün\\p{L}* hafta\\p{L}*',
    reasons: 'çünkü için dolayı nedeniyle sayesinde böylece neden\\p{L}* yoluyla',
  },
  ru: {
    person: 'кто кого кому кем чей чья чьё чьи',
    number:
      'сколько скольк\\p{L}+ как_(?:долго|часто|далеко|высоко|быстро|глубоко) как(?:ой|ая|ого|ова|ов)(?=_(?:размер|сумма|высота|длина|возраст|процент|стоимость|цена|срок|расстояние|температура|число))',
    time: 'когда как(?:ой|ого|ом|ая|ую)(?=_(?:год|дат|день|дня|месяц|век|срок)\\p{L}*)',
    place: 'где куда откуда как(?:ой|ом)(?=_(?:город|стран|мест)\\p{L}*)',
    explanation: 'почему зачем отчего как',
    confirmation: 'можно есть нужно является являются могу должен должна разве',
    confirming: 'ли',
    little:
      'можно могу может нужно надо должен должна должны есть имею получить получу получает сделать дать называется значит составляет стоит сумма размер какова каков какой какая какое какие мне мой моя пример вид тип',
    amounts:
      'дв(?:а|е|ух|ум|умя) тр(?:и|ех|ёх) четыр\\p{L}+ пят\\p{L}+ шест\\p{L}+ сем[ьи] вос\\p{L}*м[ьи] девят\\p{L}+ десят\\p{L}+ \\p{L}+надцат\\p{L}+ двадцат\\p{L}+ тридцат\\p{L}+ сорок\\p{L}? \\p{L}+десят\\p{L}* сто ста двести триста тысяч\\p{L}* миллион\\p{L}* миллиард\\p{L}* половин\\p{L} треть четверть один одн(?:ого|а|у) раз',
    times:
      'январ\\p{L}+ феврал\\p{L}+ март\\p{L}? апрел\\p{L}+ ма[йяе] июн\\p{L}+ июл\\p{L}+ август\\p{L}? сентябр\\p{L}+ октябр\\p{L}+ ноябр\\p{L}+ декабр\\p{L}+ понедельник\\p{L}* вторник\\p{L}? сред[ауы] четверг\\p{L}? пятниц\\p{L} суббот\\p{L} воскресень\\p{L} век\\p{L}* вчера сегодня весной летом осенью зимой течение после до позднее год\\p{L}* лет месяц\\p{L}* дн(?:я|ей) недел\\p{L}+',
    reasons:
      'потому_что поэтому так_как чтобы из-за благодаря вследствие причин\\p{L}+ позволя\\p{L}+ путём путем для',
  },
  el: {
    person: 'ποι(?:ος|α|οι|ον)',
    number: 'πόσ(?:ο|α|οι|ες|η|ος|ων) πόσο_(?:συχνά|ψηλ\\p{L}+|μεγάλ\\p{L}+|μακριά)',
    time: 'πότε ποια?(?=_(?:χρονιά|έτος|ημερομηνία))',
    place: 'πού',
    explanation: 'γιατί πώς',
    little: 'έχω μπορώ πρέπει παίρνω χρειάζεται κάνω λέγεται σημαίνει κοστίζει διαρκεί',
    amounts:
      'δύο τρεις τρία τέσσερ\\p{L}+ πέντε έξι επτά εφτά οκτώ οχτώ εννέα δέκα δώδεκα είκοσι τριάντα εκατό χίλια εκατομμύρι\\p{L}+',
    times:
      'ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή αιώνα εντός πριν μετά',
    reasons: 'επειδή διότι ώστε λόγω',
  },
  ar: {
    person: 'و?من_(?:هو|هي|الذي|هم) و?لمن و?من',
    number: 'كم وكم بكم ما(?=_(?:عدد|مقدار|مدة|طول|عمر|سعر|نسبة|قيمة|مبلغ|مساحة|ارتفاع))',
    time: 'متى ومتى (?:في_)?(?:أي|اي)(?=_(?:عام|سنة|يوم|شهر|تاريخ|قرن))',
    place: 'أين اين وأين (?:أي|اي)(?=_(?:مدينة|دولة|بلد|مكان))',
    explanation: 'لماذا لم كيف وكيف',
    confirmation: 'هل',
    little: 'يمكن يمكنني يجب يحق أحصل احصل تبلغ يبلغ هناك لدي يسمى تسمى يعني نوع مثال',
    amounts:
      'واحدة? اثن\\p{L}+ ثلاث\\p{L}* أربع\\p{L}* خمس\\p{L}* ست\\p{L}? سبع\\p{L}* ثماني\\p{L}* تسع\\p{L}* عشر\\p{L}* مئة مائة مئت\\p{L}+ ألف آلاف مليون مليار نصف ثلث ربع (?:يوم|شهر|سن|عام|أسبوع|ساعت)(?:ين|ان|تين|تان)',
    times:
      'يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت القرن أمس اليوم قبل بعد خلال منذ عام سنة أشهر شهرا? أيام يوما? أسابيع',
    reasons: 'لأن\\p{L}* لان بسبب لكي لذلك نتيجة من_أجل سبب\\p{L}* حيث',
  },
  hi: {
    person: 'कौन किसने किसका किसकी किसे',
    number: 'कितन[ाेी] कितनों',
    time: 'कब किस(?=_(?:वर्ष|साल|दिन|तारीख|महीने))',
    place: 'कहाँ कहां किस(?=_(?:शहर|देश|स्थान))',
    explanation: 'क्यों कैसे',
    confirmation: 'क्या',
    little: 'मिलता मिलती मिलेगा मिलेगी चाहिए सकता सकते सकती बताओ बताइए नाम अर्थ मतलब',
    amounts: 'एक दो तीन चार पाँच पांच छह सात आठ नौ दस बारह बीस तीस पचास सौ हज़ार हजार लाख करोड़ आधा',
    times:
      'जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार सदी पहले बाद भीतर',
    reasons: 'क्योंकि इसलिए ताकि कारण वजह',
  },
  vi: {
    person: 'ai',
    number: 'bao_nhiêu bao_lâu mấy bao_xa bao_cao',
    time: 'khi_nào bao_giờ lúc_nào năm_nào ngày_nào',
    place: 'ở_đâu đâu nơi_nào',
    explanation: 'tại_sao vì_sao sao như_thế_nào thế_nào bằng_cách_nào',
    confirming: 'có_phải không(?=\\s*\\?)',
    little: 'cần phải tên gọi nghĩa tôi',
    amounts: 'hai ba bốn năm sáu bảy tám chín mười trăm nghìn ngàn triệu tỷ nửa',
    times: 'tháng ngày năm tuần giờ thế_kỷ trước sau trong_vòng',
    reasons: 'vì bởi do để nhờ nên nguyên_nhân lý_do',
  },
  ...UNSPACED,
};
