/** How questions of a language refer to what was said before. Words are parted by white space. */
interface Wording {
  asks: string;
  /** Verbs that make a question without any of those. */
  verbsThatAsk?: string;
  /** Words after which a thing is named; those that end with an apostrophe without it. */
  articles?: string;
  /** Pronouns that stand for something named before, however much else a question says. */
  pronouns: string;
  /** Words that point at something, often in the question itself: they count where it says little else. */
  pointers: string;
  /** Beginnings of questions that go on; a blank in one is written `_`. */
  beginnings: string;
  /** Among the pronouns those that stand for people; without it, all may. */
  people?: string;
  /** Those that say whose a thing is. */
  owners?: string;
  /** Turns in which such words point at nothing. */
  idle?: RegExp;
  /** Verbs, by their form. Those of the question before would only ask it again. */
  verb?: RegExp;
  /** Nouns begin with a capital letter, too: names are those that stand side by side, and `Sie` is the reader. */
  capitalNouns?: true;
  /** Words are not parted by spaces. */
  unspaced?: true;
  /** Things are named without an article as well. */
  bareNouns?: true;
}

const SCANDINAVIAN = 'hans deres dem dens dets';

/** By ISO 639-1; those that have a list of stop words. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  en: {
    asks: 'what_(?:kind|type|sort)s?_of how_(?:many|much) what which who whom whose when where why how',
    verbsThatAsk: 'is are was were do does did can could has have had will would should may must',
    articles: 'the an? my our your',
    bareNouns: true,
    pronouns: 'it its itself they them their theirs he him his she her hers',
    pointers:
      'this that these those there then here the_same the_former the_latter the_others? (?:which|the|first|last|next|another)_one ones',
    beginnings:
      'and or but so then also what_about how_about what_else since_when who_else where_else any_other more',
    people: 'he him his she her hers they them their theirs',
    owners: 'its his her their',
    idle: /\bthere (?:is|are|was|were|be|exists?)\b|\b(?:is|are|was|were) there\b|\b(?:is|was) it (?:true|possible|necessary|allowed|permitted|required|mandatory|legal|safe|common|normal|likely|known|important) (?:that|to|for)\b|\bso that\b/giu,
    verb: /^\p{Ll}+(?:ed|ing)$/u,
  },
  de: {
    asks: 'wie_viele?[rn]? wieviele?[rn]? wer wen wem wessen was wann wo(?:her|hin|mit|für|durch|zu|bei|nach|von|rin)? warum wieso weshalb wie welche[mnrs]?',
    verbsThatAsk: 'ist sind war waren hat haben kann darf muss wird gibt',
    pronouns: 'sie er ihn ihm ihr ihre[mnrs]? ihnen es seine[mnrs]? sein(?=\\s+\\p{Lu})',
    pointers:
      'diese[mnrs]? dies jene[mnrs]? das(?=\\s*(?:[?!.,]|$)) dort dessen deren da(?:bei|durch|für|gegen|hinter|mit|nach|neben|von|vor|zu) dar(?:an|auf|aus|in|über|um|unter)',
    beginnings: '[Uu]nd [Oo]der [Aa]ber [Aa]uch [Dd]ann [Ww]as_ist_mit [Ww]er_noch [Ww]o_noch [Ss]eit_wann',
    idle: /\b(?:[Gg]ibt|[Gg]ab) es\b|\b[Ee]s (?:gibt|gab)\b|\b[Ii]st es (?:möglich|nötig|erlaubt|wahr|üblich)\b/gu,
    verb: /^(?:ge\p{Ll}+|\p{Ll}+(?:t|en))$/u,
    capitalNouns: true,
  },
  fr: {
    asks: 'combien_de qui (?<!est-ce_)que quoi quand où comment pourquoi combien (?:les?|la)?quel(?:le)?s?',
    verbsThatAsk: 'est-ce a-t-(?:il|elle|on)',
    articles: 'les? la l une? des du d aux? notre nos votre vos',
    pronouns: '(?<!-)(?:il|elle)s? lui leurs? son sa ses',
    pointers: '(?:il|elle)s? ce cet cette ces ça cela ceci celui celle ceux celles là là-bas',
    beginnings: 'et ou mais aussi depuis_quand qui_d.autre',
    idle: /\bqu['’]est-ce\b|\best-ce\b|\bce qu[ei'’]|\by a-t-il\b|\bil y a\b|\bfaut-il\b|\bil faut\b/giu,
  },
  es: {
    asks: 'qu[ée] qui[ée]n(?:es)? cu[áa]l(?:es)? cu[áa]ndo cu[áa]nt[oa]s? c[óo]mo d[óo]nde por_qu[ée]',
    verbsThatAsk: 'hay',
    articles: 'el la los las una? unos unas del al nuestr[oa]s?',
    pronouns: 'él ella ellos ellas ello sus? suy[oa]s?',
    pointers: 'les? este esta estos estas esto ese esa esos esas eso aquel aquella aquello ahí allí entonces',
    beginnings: 'y e o pero también desde_cuándo quién_más',
  },
  it: {
    asks: 'che_cosa che chi quale quali qual quando quant[oaie] come dove dov com quand perch[ée] cosa cos',
    articles: 'il lo la i gli le l uno? una un (?:de|a|da|ne|su)(?:l|llo|lla|i|gli|lle|ll)',
    pronouns: 'lui lei loro egli ess[oaie] suo sua suoi sue',
    pointers: 'quest[oaie] quell[oaie] quel quei quegli ciò lì là',
    beginnings: 'e ed o ma anche da_quando chi_altro',
  },
  pt: {
    asks: '(?:o_)?que quem qual quais quando quant[oa]s? como onde por_qu[eê]',
    verbsThatAsk: 'há',
    articles: 'os? as? uma? uns umas d[oa]s? n[oa]s? aos? às? pel[oa]s?',
    pronouns: 'eles? elas? deles? delas? seus? suas?',
    pointers:
      'est[ea]s? ess[ea]s? isso isto aquel[ea]s? aquilo [nd](?:isso|isto|ess[ea]s?|est[ea]s?|aquel[ea]s?) lá ali então',
    beginnings: 'e ou mas também desde_quando quem_mais',
  },
  nl: {
    asks: 'hoeveel wie wat waar waarom wanneer hoe welke?',
    verbsThatAsk: 'is zijn heeft kan mag moet',
    articles: 'de het een mijn onze? uw',
    pronouns: 'hij zij ze hem haar hun',
    pointers: 'dit dat deze die daar daar(?:aan|bij|door|in|mee|na|om|op|over|uit|van|voor)',
    beginnings: 'en of maar ook sinds_wanneer wie_nog',
  },
  sv: {
    asks: String.raw`hur_m[åy]\p{L}+ vad vem vilke[nt] vilka när var hur varför`,
    verbsThatAsk: 'är har kan finns',
    pronouns: 'han hon honom henne hennes hans dess deras dem',
    pointers: 'detta denna dessa där',
    beginnings: 'och eller men även också sedan_när',
  },
  da: {
    asks: String.raw`hvor_m\p{L}+ hvad hvem hvilke[nt]? hvornår hvorfor hvordan hvor`,
    verbsThatAsk: 'er har kan',
    pronouns: `han hun ham hende hendes ${SCANDINAVIAN}`,
    pointers: 'dette denne disse',
    beginnings: 'og eller men også siden_hvornår',
  },
  no: {
    asks: String.raw`hvor_m\p{L}+ hva hvem hvilke[nt]? når hvorfor hvordan hvor`,
    verbsThatAsk: 'er har kan',
    pronouns: `han hun ham henne hennes ${SCANDINAVIAN}`,
    pointers: 'dette denne disse der',
    beginnings: 'og eller men også siden_når',
  },
  ro: {
    asks: 'ce cine cui care când cum unde câ(?:t|tă|ți|te) de_ce',
    verbsThatAsk: 'este are',
    pronouns: 'el ea ei ele său săi sale lor',
    pointers: 'acest acesta această aceasta aceste acestea aceștia acel acea acolo',
    beginnings: 'și sau dar de_când cine_altcineva',
  },
  ru: {
    asks: 'что чего чему чем кто кого кому кем когда где куда откуда почему зачем как как(?:ой|ая|ое|ие|их|ую|ом|им) сколько',
    pronouns: 'он она оно они его её ее ему ей им их него неё нее нему ней них ним ними',
    pointers: 'это этот эта эти этого этой этих этом тот та те того той тех там тогда',
    beginnings: 'а и но или также с_каких_пор кто_ещё кто_еще',
  },
  tr: {
    asks: 'ne nedir neden niçin nasıl hangi kim kimin kaç nerede m[ıiuü]',
    pronouns: 'onun onu ona ondan onda onlar onların onları',
    pointers: 'o bu şu bunun bunu buna bundan bunda bunlar şunu orada burada',
    beginnings: 've veya ama peki ne_zamandan başka_kim',
  },
  el: {
    asks: 'πότε πού ποι(?:ος|α|ο|οι|ες|ον|ους) τι πώς πόσ(?:ο|α|οι|ες|η) γιατί',
    articles: 'ο η το οι τα του της των τον? την? τους τις ένας? μία μια',
    pronouns: 'αυτού αυτής αυτών αυτόν αυτήν αυτούς',
    pointers: 'αυτός αυτή αυτό αυτοί αυτές αυτά εκεί εκείνος εκείνη εκείνο',
    beginnings: 'και ή αλλά επίσης από_πότε',
  },
  hi: {
    asks: 'क्या कौन कौनसा कौनसी कब कहाँ कहां कैसे क्यों कितना कितने कितनी किस किसने किसे किसके किसकी',
    pronouns: 'वह वे उसे उसका उसके उसकी उसने उन्हें उनका उनके उनकी उन्होंने',
    pointers: 'यह ये इस इसे इसका इसके इसकी इन इनका इनके इनकी उस उन वहाँ',
    beginnings: 'और या लेकिन',
  },
  ar: {
    asks: 'ما ماذا متى أين اين كيف كم هل لماذا من أي اي أية',
    pronouns: 'هو هي هم هما هن',
    pointers: 'هذا هذه ذلك تلك هؤلاء هناك',
    beginnings: 'و أو ولكن لكن وماذا_عن ماذا_عن وما ومتى وأين وكيف وكم',
  },
  zh: {
    asks: '什么 谁 何 哪 多少 多久 多大 怎么 怎样 如何 几 吗',
    pronouns: '他 她 它 其(?![他中实它余])',
    pointers: '这 那(?!么) 此(?!外)',
    beginnings: '那 那么 还有 而且 但',
    unspaced: true,
  },
  th: {
    asks: 'อะไร ใคร ใด ไหน อย่างไร เท่าไร เท่าไหร่ เมื่อไร เมื่อไหร่ ทำไม กี่',
    pronouns: '(?<!ภู)เขา มัน เธอ',
    pointers: 'นี้ นั้น ที่นั่น',
    beginnings: 'แล้ว และ แต่ หรือ',
    unspaced: true,
  },
  vi: {
    asks: 'gì ai nào đâu bao_nhiêu mấy khi_nào tại_sao thế_nào',
    pronouns: 'nó họ (?:ông|bà|anh|cô|chị)_ấy',
    pointers: 'này đó ấy kia',
    beginnings: 'và còn nhưng hay thế_còn vậy',
  },
};

/** The same, made for reading. */
export interface Reading {
  language: string;
  asks: RegExp;
  /** What a question asks with, and the word beside it: in "Which year?", "Who won?" and "How old is she?" that names nothing. */
  asking: RegExp;
  /** Captures the word after an article; undefined where articles tell nothing. */
  named: RegExp | undefined;
  pronouns: RegExp;
  pointers: RegExp;
  beginnings: RegExp;
  people: RegExp;
  /** Those may stand for things as well. */
  peopleOrThings: boolean;
  owners: RegExp | undefined;
  idle: RegExp | undefined;
  verb: RegExp | undefined;
  capitalNouns: boolean;
  bareNouns: boolean;
  unspaced: boolean;
}

const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;

function readingOf(language: string, wording: Wording): Reading {
  const flags = wording.capitalNouns ? 'u' : 'iu';
  const any = (words: string): string =>
    `(?:${words
      .split(/\s+/)
      .join('|')
      .replaceAll('_', String.raw`\s+`)})`;
  const whole = (words: string): RegExp =>
    wording.unspaced
      ? new RegExp(any(words), flags)
      : new RegExp(`(?<!${LETTER})${any(words)}(?!${LETTER})`, flags);
  const asks = whole(wording.asks).source;
  const end = wording.unspaced ? '' : `(?!${LETTER})`;
  return {
    language,
    asks: new RegExp(whole(`${wording.asks} ${wording.verbsThatAsk ?? ''}`.trim()).source, 'iu'),
    asking: new RegExp(String.raw`${asks}(?:\s+${LETTER}+)?`, 'iu'),
    named:
      wording.articles === undefined
        ? undefined
        : new RegExp(String.raw`(?<!${LETTER})${any(wording.articles)}(?:\s+|['’])(${LETTER}+)`, 'giu'),
    pronouns: whole(wording.pronouns),
    pointers: whole(wording.pointers),
    beginnings: new RegExp(String.raw`^[\s¿¡]*${any(wording.beginnings)}${end}`, flags),
    people: whole(wording.people ?? wording.pronouns),
    peopleOrThings: wording.people === undefined,
    owners: wording.owners === undefined ? undefined : whole(wording.owners),
    idle: wording.idle,
    verb: wording.verb,
    capitalNouns: wording.capitalNouns === true,
    bareNouns: wording.bareNouns === true,
    unspaced: wording.unspaced === true,
  };
}

/** English first: where nothing tells the language, it is that. */
export const READINGS: readonly Reading[] = Object.entries(WORDINGS).map(([language, wording]) =>
  readingOf(language, wording),
);

/** What is said to somebody rather than asked of documents, in any of the languages. */
const COURTESIES =
  `thanks_a_lot many_thanks thanks thank_you thx cheers ok okay hello hi hey bye goodbye great perfect cool
  vielen_dank danke(?:schön)? hallo tschüss super merci bonjour bonsoir salut gracias hola adiós grazie ciao obrigad[oa] olá
  bedankt dank_je dank_u hoi tusen_takk tack tak takk hej hei mulțumesc спасибо привет здравствуйте teşekkür(?:ler|_ederim)
  merhaba ευχαριστώ γεια धन्यवाद नमस्ते شكرا مرحبا cảm_ơn xin_chào`
    .split(/\s+/)
    .join('|')
    .replaceAll('_', String.raw`\s+`);
/** At the beginning of a question; Chinese and Thai do not part it from what follows. */
export const COURTESY = new RegExp(
  String.raw`^(?:[\s\p{P}]*(?:(?:${COURTESIES})(?!${LETTER})|谢谢|你好|ขอบคุณ|สวัสดี))+`,
  'iu',
);
