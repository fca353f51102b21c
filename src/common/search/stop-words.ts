/**
 * Words too common to tell documents apart, by ISO 639-1 code: articles, pronouns, prepositions, auxiliaries, and the
 * words that make a question. The last matter most: they are rare in what is indexed, so BM25 would take them for the
 * point of the query. Whatever may carry meaning is left out, because a stop word cannot be searched for: so are single
 * letters that are no word, which name what they stand beside (vitamin D, T cells). What an apostrophe cuts short is among
 * them ("don't" → `don`).
 */
const LISTS: Readonly<Record<string, string>> = {
  en: `
    a about above after again against all also am an and any are aren as at be because been before being below
    between both but by can cannot could couldn did didn do does doesn doing don down during each few for from
    further had hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn
    it its itself just ll me might more most must mustn my myself no nor not now of off on once only or other our
    ours ourselves out over own re same she should shouldn so some such than that the their theirs them
    themselves then there these they this those through to too under until up upon us ve very was wasn we were
    weren what when where which while who whom why will with won would wouldn you your yours yourself yourselves`,
  de: `
    der die das den dem des ein eine einen einem einer eines und oder aber auch als am an auf aus bei bis beim da
    damit dass daß dann denn dessen deren dich dir du durch er es euch euer für gegen hat hatte hatten haben habe
    ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in ins ist ja kann können konnte mich mir mit nach nicht
    noch nur ob ohne sein seine seinem seinen seiner seines sich sie sind so sowie über um uns unser unter vom von
    vor war waren was wegen weil wenn wer wem wen wessen werden wird wurde wurden wie wieso weshalb warum wann wo
    woher wohin womit wofür wodurch wozu wir zu zum zur zwischen welche welchem welchen welcher welches wieviel
    dies diese diesem diesen dieser dieses jene jener jenes`,
  fr: `
    le la les un une des du de et ou où mais donc or ni car que qu qui quoi dont quand comment pourquoi combien
    quel quelle quels quelles lequel laquelle lesquels lesquelles ce cet cette ces ceci cela ça je tu il elle on
    nous vous ils elles me te se lui leur leurs y en au aux à a ai as avons avez ont avait avaient est es sont
    suis sommes êtes était étaient été être avoir fut furent sera seront dans par pour sur sous avec sans chez entre
    vers ne pas plus si son sa ses mon ma mes ton ta tes notre nos votre vos comme aussi même`,
  es: `
    el la los las lo un una unos unas al del de y e o u ni pero que qué quien quién quienes quiénes cual cuál cuales
    cuáles cuando cuándo cuanto cuánto cuanta cuánta cuantos cuántos cuantas cuántas como cómo donde dónde porque por
    para con sin sobre entre hasta desde en a ante bajo según tras es son era eran fue fueron ser está están estaba
    estaban ha han había habían haber hay he se me te le les nos os mi mis tu tus su sus yo tú él ella ellos ellas
    nosotros usted ustedes este esta estos estas esto ese esa esos esas eso aquel aquella aquello no si sí más muy
    también ya`,
  it: `
    il lo la i gli le un uno una di a da in con su per tra fra del dello della dei degli delle dell al allo alla ai
    agli alle all dal dallo dalla dai dagli dalle dall nel nello nella nei negli nelle nell sul sullo sulla sui sugli
    sulle sull e ed o ma che chi cui quale quali quando quanto quanta quanti quante come dove perché cosa cos è sono
    era erano essere fu furono ha hanno aveva avevano avere si mi ti ci vi ne lui lei loro noi voi io tu suo sua suoi
    sue questo questa questi queste quello quella quelli quelle non se più anche`,
  pt: `
    o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela pelos pelas para com sem sobre entre até
    desde e ou mas que quê quem qual quais quando quanto quanta quantos quantas como onde porque porquê ao aos à às é
    são era eram foi foram ser está estão estava estavam tem têm tinha tinham ter há se me te lhe lhes eu tu ele ela
    eles elas nós você vocês seu sua seus suas meu minha este esta estes estas isto esse essa esses essas isso aquele
    aquela aquilo não mais muito também já`,
  nl: `
    de het een en of maar dat die dit deze van in op te aan met voor door bij uit over naar om tot tegen onder tussen
    zonder is zijn was waren wordt worden werd werden heeft hebben had hadden kan kunnen zal zullen zou er ik je jij u
    hij zij ze wij we hen hun hem haar mij me mijn uw wie wat waar waarom wanneer hoe hoeveel welk welke als dan niet
    geen ook nog al`,
  sv: `
    och eller men att det den de en ett i på av för med till från om som är var varit vara har hade ha kan ska skulle
    blev blir inte han hon vi ni jag du sig sin sitt sina hans hennes deras denna detta dessa vad vem vilka vilken
    vilket när hur varför under över vid efter utan mellan så än också man`,
  da: `
    og eller men at det den de en et i på af for med til fra om som er var været være har havde kan skal skulle blev
    bliver ikke han hun vi jeg du sig sin sit sine hans hendes deres denne dette disse hvad hvem hvilke hvilken hvilket
    hvornår hvor hvordan hvorfor under over ved efter uden mellem så end også man`,
  no: `
    og eller men at det den de en et ei i på av for med til fra om som er var vært være har hadde kan skal skulle ble
    blir ikke han hun vi jeg du seg sin sitt sine hans hennes deres denne dette disse hva hvem hvilke hvilken hvilket
    når hvor hvordan hvorfor under over ved etter uten mellom så enn også man`,
  ro: `
    un o unui unei și sau dar că ce cine care cui când cum unde cât câți câte câtă de din la în pe cu pentru prin fără
    sub între până este sunt era erau fost fi au am ai a al ale lui ei lor se s își îi îl le ne vă eu tu el ea noi voi
    acest această acești aceste acel acea nu mai`,
  ru: `
    и в во не что чего чему чем о об обо на я с со как а то он она оно они мы вы ты его её ее их ему ей им ними него
    нее них меня мне тебя тебе нас нам вас вам себя себе но да к ко у же за бы по только от из до для при без под над
    между когда где куда откуда почему зачем кто кого кому кем какой какая какое какие каких каким какими каком какую
    который которая которое которые которого которой которых которому которым сколько ли если или был была было были
    быть есть будет будут этот эта это эти этого этой этих этом тот та те того той тех том так также`,
  tr: `
    ve veya ya bir bu şu o da de ki ile için gibi ne nedir neden niçin nasıl hangi kim kimin kime kimi kaç nerede
    nereye nereden zaman mi mı mu mü midir ben sen biz siz onlar onun onu ona bunu bunun olarak olan oldu ise ama fakat
    çok daha en her`,
  el: `
    ο η το οι τα του της των τον την τους τις ένα ένας μια μία ενός και ή αλλά να θα δεν μη με σε στο στη στην στον
    στους στις στα από για προς κατά μετά πριν που πού ποιος ποια ποιο ποιοι ποιες ποιον ποιους τι πότε πώς πως πόσο
    πόσα πόσοι πόσες πόση γιατί είναι ήταν έχει είχε έχουν είχαν αυτό αυτός αυτή αυτά αυτοί ως όταν`,
  hi: `
    का की के को में से पर और या कि यह वह ये वे ने भी तो ही एक है हैं था थी थे हो होता होती होते हुआ हुई हुए रहा रही रहे गया
    गई गए कर करने द्वारा लिए तक साथ इस उस इन उन इसके उसके उनके जो जिस क्या कौन कौनसा कौनसी कब कहाँ कहां कैसे क्यों
    कितना कितने कितनी किस किसने किसे किसके किसकी किन`,
  ar: `
    في من إلى الى على عن مع هو هي هم هذا هذه ذلك تلك التي الذي الذين ما ماذا متى أين اين كيف كم هل لماذا من أي اي أية
    أن ان إن كان كانت يكون تكون و أو او ثم قد لا لم لن بين بعد قبل كل كما`,
  zh: '什么时候 是谁 谁是 哪种 何 多久 多大 的 了 在 是 和 与 及 或 也 都 而 就 着 被 把 于 之 吗 呢 什么 哪 哪些 哪个 哪里 谁 多少 怎么 怎样 如何 为什么 何时 这 那 其',
  th: 'ที่ และ ของ ใน เป็น คือ ว่า ให้ ได้ จาก โดย กับ ก็ อะไร ใคร ใด ไหน อย่างไร เท่าไร เท่าไหร่ เมื่อไร เมื่อไหร่ ทำไม',
  vi: 'là và của được cho trong những các với này đó khi đã từ ở để gì nào đâu nhiêu bởi tại một có',
};

const sets = new Map(
  Object.entries(LISTS).map(([code, words]) => [code, new Set(words.trim().split(/\s+/))]),
);
const NONE: ReadonlySet<string> = new Set();

/** Languages that have a list. */
export const LISTED_LANGUAGES: ReadonlySet<string> = new Set(sets.keys());

export const stopWordsOf = (language: string): ReadonlySet<string> => sets.get(language) ?? NONE;
