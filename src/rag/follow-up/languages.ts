/** How questions of a language refer to what was said before. Words are parted by white space. */
interface Wording {
  /** Pronouns that stand for something named before, however much else a question says. */
  pronouns: string;
  /** Words that point at something, often in the question itself: they count where it says little else. */
  pointers: string;
  /** Beginnings of questions that go on; a blank in one is written `_`. */
  beginnings: string;
  /** Among the pronouns those that stand for people; without it, all may. */
  people?: string;
  /** Turns in which such words point at nothing. */
  idle?: RegExp;
  /** Verbs of the question before, which would only ask it again. */
  verb?: RegExp;
  /** Nouns begin with a capital letter, too: names are those that stand side by side, and `Sie` is the reader. */
  capitalNouns?: true;
  /** Words are not parted by spaces. */
  unspaced?: true;
}

const SCANDINAVIAN = 'hans deres dem dens dets';

/** By ISO 639-1; those that have a list of stop words. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  en: {
    pronouns: 'it its itself they them their theirs he him his she her hers',
    pointers:
      'this that these those there then here the_same the_former the_latter the_others? (?:which|the|first|last|next|another)_one ones',
    beginnings:
      'and or but so then also what_about how_about what_else since_when who_else where_else any_other more',
    people: 'he him his she her hers they them their theirs',
    idle: /\bthere (?:is|are|was|were|be|exists?)\b|\b(?:is|are|was|were) there\b|\b(?:is|was) it (?:true|possible|necessary|allowed|permitted|required|mandatory|legal|safe|common|normal|likely|known|important) (?:that|to|for)\b|\bso that\b/giu,
    verb: /^\p{Ll}+(?:ed|ing)$/u,
  },
  de: {
    pronouns: 'sie er ihn ihm ihr ihre[mnrs]? ihnen es seine[mnrs]? sein(?=\\s+\\p{Lu})',
    pointers:
      'diese[mnrs]? dies jene[mnrs]? das(?=\\s*(?:[?!.,]|$)) dort dessen deren da(?:bei|durch|für|gegen|hinter|mit|nach|neben|von|vor|zu) dar(?:an|auf|aus|in|über|um|unter)',
    beginnings: '[Uu]nd [Oo]der [Aa]ber [Aa]uch [Dd]ann [Ww]as_ist_mit [Ww]er_noch [Ww]o_noch [Ss]eit_wann',
    idle: /\b(?:gibt|gab) es\b|\bes (?:gibt|gab)\b|\bist es (?:möglich|nötig|erlaubt|wahr|üblich)\b/gu,
    verb: /^(?:ge\p{Ll}+|\p{Ll}+(?:t|en))$/u,
    capitalNouns: true,
  },
  fr: {
    pronouns: '(?<!-)(?:il|elle)s? lui leurs? son sa ses',
    pointers: '(?:il|elle)s? ce cet cette ces ça cela ceci celui celle ceux celles là là-bas',
    beginnings: 'et ou mais aussi depuis_quand qui_d.autre',
    idle: /\bqu['’]est-ce\b|\best-ce\b|\bce qu[ei'’]|\by a-t-il\b|\bil y a\b|\bfaut-il\b|\bil faut\b/giu,
  },
  es: {
    pronouns: 'él ella ellos ellas ello sus? suy[oa]s?',
    pointers: 'les? este esta estos estas esto ese esa esos esas eso aquel aquella aquello ahí allí entonces',
    beginnings: 'y e o pero también desde_cuándo quién_más',
  },
  it: {
    pronouns: 'lui lei loro egli ess[oaie] suo sua suoi sue',
    pointers: 'quest[oaie] quell[oaie] quel quei quegli ciò lì là',
    beginnings: 'e ed o ma anche da_quando chi_altro',
  },
  pt: {
    pronouns: 'eles? elas? deles? delas? seus? suas?',
    pointers:
      'est[ea]s? ess[ea]s? isso isto aquel[ea]s? aquilo [nd](?:isso|isto|ess[ea]s?|est[ea]s?|aquel[ea]s?) lá ali então',
    beginnings: 'e ou mas também desde_quando quem_mais',
  },
  nl: {
    pronouns: 'hij zij ze hem haar hun',
    pointers: 'dit dat deze die daar daar(?:aan|bij|door|in|mee|na|om|op|over|uit|van|voor)',
    beginnings: 'en of maar ook sinds_wanneer wie_nog',
  },
  sv: {
    pronouns: 'han hon honom henne hennes hans dess deras dem',
    pointers: 'detta denna dessa där',
    beginnings: 'och eller men även också sedan_när',
  },
  da: {
    pronouns: `han hun ham hende hendes ${SCANDINAVIAN}`,
    pointers: 'dette denne disse',
    beginnings: 'og eller men også siden_hvornår',
  },
  no: {
    pronouns: `han hun ham henne hennes ${SCANDINAVIAN}`,
    pointers: 'dette denne disse der',
    beginnings: 'og eller men også siden_når',
  },
  ro: {
    pronouns: 'el ea ei ele său săi sale lor',
    pointers: 'acest acesta această aceasta aceste acestea aceștia acel acea acolo',
    beginnings: 'și sau dar de_când cine_altcineva',
  },
  ru: {
    pronouns: 'он она оно они его её ее ему ей им их него неё нее нему ней них ним ними',
    pointers: 'это этот эта эти этого этой этих этом тот та те того той тех там тогда',
    beginnings: 'а и но или также с_каких_пор кто_ещё кто_еще',
  },
  tr: {
    pronouns: 'onun onu ona ondan onda onlar onların onları',
    pointers: 'o bu şu bunun bunu buna bundan bunda bunlar şunu orada burada',
    beginnings: 've veya ama peki ne_zamandan başka_kim',
  },
  el: {
    pronouns: 'αυτού αυτής αυτών αυτόν αυτήν αυτούς',
    pointers: 'αυτός αυτή αυτό αυτοί αυτές αυτά εκεί εκείνος εκείνη εκείνο',
    beginnings: 'και ή αλλά επίσης από_πότε',
  },
  hi: {
    pronouns: 'वह वे उसे उसका उसके उसकी उसने उन्हें उनका उनके उनकी उन्होंने',
    pointers: 'यह ये इस इसे इसका इसके इसकी इन इनका इनके इनकी उस उन वहाँ',
    beginnings: 'और या लेकिन',
  },
  ar: {
    pronouns: 'هو هي هم هما هن',
    pointers: 'هذا هذه ذلك تلك هؤلاء هناك',
    beginnings: 'و أو ولكن لكن وماذا_عن ماذا_عن وما ومتى وأين وكيف وكم',
  },
  zh: {
    pronouns: '他 她 它 其(?![他中实它余])',
    pointers: '这 那(?!么) 此(?!外)',
    beginnings: '那 那么 还有 而且 但',
    unspaced: true,
  },
  th: {
    pronouns: '(?<!ภู)เขา มัน เธอ',
    pointers: 'นี้ นั้น ที่นั่น',
    beginnings: 'แล้ว และ แต่ หรือ',
    unspaced: true,
  },
  vi: {
    pronouns: 'nó họ (?:ông|bà|anh|cô|chị)_ấy',
    pointers: 'này đó ấy kia',
    beginnings: 'và còn nhưng hay thế_còn vậy',
  },
};

/** The same, made for reading. */
export interface Reading {
  language: string;
  pronouns: RegExp;
  pointers: RegExp;
  beginnings: RegExp;
  people: RegExp;
  idle: RegExp | undefined;
  verb: RegExp | undefined;
  name: RegExp;
}

const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;
const CAPITAL = String.raw`\p{Lu}[\p{L}\p{M}'’-]+`;
const ONE_NAME = new RegExp(String.raw`(?<!${LETTER})(?:${CAPITAL}|[\p{L}\p{M}'’-]*\p{Nd}${LETTER}*)`, 'gu');
const NAMES_TOGETHER = new RegExp(String.raw`(?<!${LETTER})${CAPITAL}(?:\s+${CAPITAL})+`, 'gu');

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
  const end = wording.unspaced ? '' : `(?!${LETTER})`;
  return {
    language,
    pronouns: whole(wording.pronouns),
    pointers: whole(wording.pointers),
    beginnings: new RegExp(String.raw`^[\s¿¡]*${any(wording.beginnings)}${end}`, flags),
    people: whole(wording.people ?? wording.pronouns),
    idle: wording.idle,
    verb: wording.verb,
    name: wording.capitalNouns ? NAMES_TOGETHER : ONE_NAME,
  };
}

/** English first: where nothing tells the language, it is that. */
export const READINGS: readonly Reading[] = Object.entries(WORDINGS).map(([language, wording]) =>
  readingOf(language, wording),
);
