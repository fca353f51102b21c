/** What a full stop follows without ending a sentence. */
const ENGLISH =
  /(?:^|[\s(])(?:\p{Lu}|\p{Lu}\.\p{Lu}|Dr|Mrs?|Ms|Prof|St|Jr|Sr|No|Nos|Vol|vol|Figs?|fig|Eq|Sec|Ch|ch|vs|cf|ca|approx|al|e\.g|i\.e|pp?|Inc|Ltd|Co|Corp|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Mt|U\.S|U\.K|Nr|Abb|bzw|z\.B|d\.h|vgl|Attn|z\.Hd)\.$/u;
/** What numbers stand behind: `Invoice no. 2025-0387`, `Klinikstr. 4`; elsewhere `no.` may be an answer. */
const BEFORE_NUMBER =
  /(?:(?:^|[\s(])(?:nos?|nrs?|núm|num|arts?|abs|paras?|ziff|kap|tab|bd|rn|rz|tel|fax|ref)|\p{L}{3}str|[\p{L}-]{2}nr)\.$/iu;
const NUMBER = /^\s{1,3}(?:§{1,2}\s?|N[or]\.\s?)?[+(]?(?:\p{Lu}\.\s?|\p{Lu}{1,4}[-/]?)?\p{Nd}/u;

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/**
 * Titles, and what stands before names and explanations, of many languages: a selection from the suppressions of CLDR,
 * in lower case. Words that end sentences in some language are not among them, nor `etc.` and its like, which often do.
 */
const NEVER_LAST = set(`
  fr dr dipl vertr evtl ggf inkl exkl zzgl sog geb gez gegr bspw insb z.zt u.a o.ä z.t d.i d.h z.b
  mme mmes mlle mgr cie sté ets
  sra srta sres sras lic arq avda gral profa
  sigg sig.ra sig.na dott dott.ssa dr.ssa prof.ssa avv geom f.lli spett egr
  exmo exma enga
  mevr dhr drs bijv incl excl o.a d.w.z m.b.t t.a.v i.v.m
  inż św ul godz tzw tzn woj płk hab o.o
  pí sv tzv tř nám např spol judr mudr phdr rndr bc s.r.o a.s
  esim ts ks puh os özv ún ld kft zrt nyrt ifj pl
  t.ex bl.a dvs s.k f.d f.eks d.v.s
  sn yrd örn bkz mah doç
  bpk sdr sdri kab kel kec jl rp hj tgl
  inž gđa gđica gosp
  ул пр просп пер пл наб обл пос проф акад доц инж тов см т.е т.к напр
  вул просп пров ім див буд ул бул гр
  κα κος καθ βλ δηλ λεωφ π.χ λ.χ
  v pvt pty dña np m.in zob tj p.ex p.ej
  डॉ श्री श्रीमती सुश्री कु पं प्रो प्रा लि रु नं मो ड ডা ড ডঃ মো লি প্রা প্রো নং রু ডাঃ`);
/** As they are written, and only before a name: `by PT. The`, `ask the Doc. Then` and `помог им. Она` end. */
const BEFORE_NAME = set(`
  Hr hr Mag Fa Ing Me Av Arch Arq Cap Cía Eng Ir Doc Cad Sok mr mw im им prof Sig Dra Ud Uds Vd Vds
  MM PT EE UU ThS Cty`);
/** Titles and places of Vietnamese, which are told by its letters behind them. */
const VIETNAMESE = set('TS GS BS TP KS LS PGS');
const VIETNAMESE_LETTER = /[ăâđêôơư\u1ea0-\u1ef9]/iu;
/** Words of Scandinavia, unless an article of Italian, Spanish or Portuguese stands before. */
const BEHIND_ARTICLE = set('sig dra');
const ARTICLE = /(?:^|\s)(?:il|al|del|dal|nel|col|sul|las?|una|as?|à|da|na)\s{1,2}$/iu;
/** More of what numbers stand behind, in lower case. */
const COUNTED = set(`
  max min mind gem abzgl rd aprox rs tk ext nr ca env réf tél pág págs pag pagg núm num str s hlm blz ust pkt poz č čl odst kl kr tlf klo n art
  sok no apt lun mié jue jeu sáb пн вт ср чт пт сб вс
  ст п пп стр с рис табл гл разд тел каб эт оф д кв корп к αρ αριθ άρθ τηλ σελ`);

/** Months before a year or behind a day. */
const MONTHS = set(`
  jan feb febr mär mar mrt apr mai jun jul juil aug sep sept set sett okt oct ott out nov dez dec déc dic
  janv févr fév avr ene abr ago gen mag giu lug fev`);
export const isShortMonth = (word: string): boolean => MONTHS.has(word.toLowerCase());
/** As they are written, before the hours: in small letters some are words. */
const WEEKDAYS = set(`
  Mo Di Mi Do Fr Sa So Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun Lun Mar Mié Mer Jue Jeu Gio Vie Ven Sáb Sab Sam Dom Dim
  Ma Wo Vr Za Zo`);
/** `i.d.R.`, `t.n.v.`; those that end a sentence are left out. */
const LONG_CHAIN =
  /(?:^|[^\p{L}\p{M}.])(?!u\.\s?[svä]\.|a\.u\.b|s\.v\.p|s\.r\.l)\p{Ll}\.\s?(?:\p{L}\.\s?){1,2}\p{L}\.$/u;

/** A word, or what dots join, before the last dot. */
const WORD = /(?<![\p{L}\p{M}\p{N}.])(?:[\p{L}\p{M}]{1,9}[.-]){0,3}[\p{L}\p{M}]{1,9}\.$/u;
/** `d. h.` */
const SPACED = /(?:^|[^\p{L}\p{M}.])((?:\p{L}\.\s){1,3}\p{L}{1,2})\.$/u;
const FEW_LETTERS = /\s\p{L}{1,2}\.$/u;
const STARTS_LARGE = /^\p{Lu}/u;
const BEHIND_NUMBER = /\p{Nd}\s{0,2}$/u;
/** More letters than any of these has, with what stands before it. */
const LONGEST = 16;
const WINDOW = 32;

/** The word before the dot at the end of a text, and what stands before it. */
export interface LastWord {
  word: string;
  before: string;
}

export function lastWord(said: string): LastWord | undefined {
  const match = WORD.exec(said.slice(-WINDOW));
  return match ? { word: match[0].slice(0, -1), before: said.slice(0, -match[0].length) } : undefined;
}

/** Whether a part of a text ends with an abbreviation. `isName` tells whether a name may stand behind. */
export function isAbbreviation(
  said: string,
  last: LastWord | undefined,
  behind: string,
  isName: () => boolean,
): boolean {
  const end = said.slice(-LONGEST);
  if (ENGLISH.test(end)) return true;
  const isBeforeNumber = NUMBER.test(behind);
  if (isBeforeNumber && BEFORE_NUMBER.test(end)) return true;
  const spaced = FEW_LETTERS.test(end.slice(-5)) ? SPACED.exec(end)?.[1] : undefined;
  if (spaced !== undefined && NEVER_LAST.has(spaced.replaceAll(/\s/g, '').toLowerCase())) return true;
  if (LONG_CHAIN.test(end)) return true;
  if (!last) return false;
  if (isBeforeNumber && (isShortMonth(last.word) || WEEKDAYS.has(last.word))) return true;
  if (BEHIND_NUMBER.test(last.before) && !last.word.includes('.')) return false;
  // `Dott.Ing.`, but not `example.fr.`
  const piece = last.word.slice(Math.max(last.word.lastIndexOf('.'), last.word.lastIndexOf('-')) + 1);
  return [last.word, ...(STARTS_LARGE.test(piece) ? [piece] : [])].some((word) => {
    if (BEFORE_NAME.has(word) && isName()) return true;
    if (VIETNAMESE.has(word)) return VIETNAMESE_LETTER.test(behind);
    const lower = word.toLowerCase();
    // `contact HR.`, `an OS.`, `an eSIM.`: another word again. `MUDr.` and `i.V.m.` are none.
    if (/\p{Lu}{2}$/u.test(word)) return false;
    if (BEHIND_ARTICLE.has(lower)) return ARTICLE.test(last.before);
    return NEVER_LAST.has(lower) || (isBeforeNumber && COUNTED.has(lower));
  });
}
