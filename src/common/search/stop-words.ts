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
    geen ook nog al per`,
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
  ja: `
    の は が を に で と も へ や か ね よ な て た だ ば ら れ し す ま せ さ い です でし でした ます まし ました ません ない
    する した して され される された いる いた ある あり あっ れる られ られる ため よう こと もの から まで より など この その あの
    これ それ あれ また および 及び 何 何年 何月 何日 何時 何人 何回 何歳 なに なん 誰 だれ いつ どこ どの どれ どちら どう どんな
    どのよう なぜ どうして いくら いくつ くらい ぐらい いかに ください 下さい`,
  ko: `
    무엇 무엇을 무슨 뭐 누구 누가 어디 어디서 언제 얼마 얼마나 어떻게 어떤 어느 왜 몇 것은 것이 것을 것도 및 또는 그리고 하는
    한다 합니다 합니까 하나요 했다 했습니다 했습니까 했나요 있는 있다 있습니다 있습니까 있나요 있었다 된다 됩니다 됩니까 되나요
    되는 이다 입니다 입니까 인가요 대한 대해 대하여 위한 의한 의해 따른 따라`,
  fi: `
    ja tai sekä mutta vaan että jos kun kuin niin myös on oli ovat olivat ole olla ollut ei en et emme eivät se sen sitä
    siinä siitä ne niiden niitä tämä tämän tätä tässä nämä näiden hän hänen he heidän minä sinä me te joka jonka jota jossa
    josta johon jotka joiden joita mikä mitkä mitä minkä missä mistä mihin milloin miksi miten millainen millaisia millä
    kuka ketkä kenen ketä kenelle kuinka paljonko montako moniko kumpi onko oliko ovatko eikö voiko`,
  id: `
    yang dan di ke dari ini itu untuk dengan pada adalah ialah merupakan dalam tidak bukan akan telah oleh juga atau tetapi
    karena sebagai dapat ada apa apakah siapa siapakah kapan kapankah mana manakah dimana dimanakah bagaimana bagaimanakah
    mengapa kenapa berapa berapakah adakah ia dia mereka kami kita saya anda kamu tersebut para bahwa jika maka`,
  fa: `
    و در به از که این آن را با تا بر یا هم اگر اما ولی پس نیز برای است نیست بود نبود بودند شد شدند شده شود هستند هست دارد داشت
    کرده می نمی ها های او وی ما شما آنها ایشان چه چی کی کجا چرا چگونه چطور چند چقدر کدام آیا کیست چیست کجاست`,
  bn: `
    ও এবং বা কি কী কে কার কাকে কারা কোন কোনটি কোথায় কখন কবে কেন কীভাবে কিভাবে কেমন কত কতটি কতজন যে যা যার এই ওই সেই এটি তা
    তার তাঁর তাদের তিনি তারা সে আমি আমরা আপনি হয় হয়েছে হয়েছিল হলো হন ছিল ছিলেন আছে করে করা করেন থেকে জন্য সঙ্গে সাথে
    মধ্যে একটি একজন না নয় কিন্তু আর দ্বারা`,
  te: `
    మరియు ఈ ఆ ఏ ఒక కానీ కాని లేదా కూడా అని ఎవరు ఎవరి ఎవరికి ఎవరిని ఏమి ఏమిటి ఏంటి ఏది ఏవి ఎక్కడ ఎప్పుడు ఎందుకు ఎలా ఎంత ఎన్ని
    ఎంతమంది అది ఇది అతను ఆమె వారు యొక్క కోసం నుండి నుంచి ఉంది ఉన్న ఉన్నాయి ఉన్నారు`,
  ta: `
    மற்றும் ஒரு இந்த அந்த இது அது அவர் அவர்கள் நான் நீங்கள் என்று என்ற அல்லது ஆனால் என்ன எது எந்த எவை யார் யாருடைய எங்கே எங்கு
    எப்போது ஏன் எப்படி எவ்வாறு எத்தனை எவ்வளவு ஆகும் இருந்து`,
  ur: `
    کا کی کے کو میں سے پر اور یا نے بھی تو ہی کہ یہ وہ اس ان جس ہے ہیں تھا تھی تھے ہو گیا گئی گئے لیے ساتھ کیا کون کب کہاں
    کیسے کیوں کتنا کتنے کتنی کس کونسا کونسی`,
  sw: `
    na ya wa za la cha vya kwa katika ni si kama lakini au pia ili kuwa kwamba hii hiyo hizi hizo hiki hilo huyu huyo hao hayo
    haya yake wake lake zake yao wao ambayo ambao ambaye alikuwa ilikuwa walikuwa yeye mimi sisi wewe ninyi nini nani gani
    wapi lini vipi kwanini ngapi je`,
  pl: `
    a i o u w z we ze na do od po za przez dla przy pod nad przed między bez oraz lub albo ale że aby żeby jeśli gdy się nie
    to ten ta te tego tej tych tym tę tą jest są być był była było byli były będzie będą jak jako co czego czemu czym kto kogo
    komu kim gdzie skąd dokąd kiedy dlaczego czemu ile ilu jaki jaka jakie jaką jakiego jakiej jakich jakim który która które
    którzy którą którego której których którym czy czyj czyja czyje on ona ono oni one jego jej ich ja ty my wy także też już
    tylko`,
  cs: `
    a i o u v z ve ze ke na do od po za pro při před přes pod nad mezi bez podle nebo ale že aby jestli když jako se si ne
    není je jsou být byl byla bylo byli byly bude budou ten ta to ti ty tento tato toto tyto co čeho čemu čím kdo koho komu
    kým kde kam odkud kdy jak jaký jaká jaké jakou jakého jakém jakých kolik kolika který která které kteří kterou kterého
    kterém kterým kterých proč čí zda on ona ono oni my vy já jeho její jejich také již už`,
  hu: `
    a az egy és vagy de hogy is nem ne ha mint meg csak már még ez azt ezt ezek azok ennek annak én te ő mi ti ők van vannak
    volna lesz aki akik akit ami amit amely amelyek ki kik kit kinek mit miért hol hová hova honnan mikor meddig mióta
    hogyan milyen mely melyik melyek mennyi hány hányan`,
  uk: `
    і й та а але або чи що щоб як якщо коли де куди звідки чому навіщо хто кого кому ким чого чим який яка яке які якого якої
    яких якому якій яким якими яку скільки у в на з із зі до від для за по при про під над між без через не ні це цей ця ці
    цього цієї цих той те ті того тих він вона воно вони його її їх йому їй їм я ти ми ви мене нас вас є був була було були
    бути буде будуть також вже`,
  bg: `
    и в във на за от до с със по при без под над между през но или че да не се си е са съм беше бяха бил била било били ще
    как какво какъв каква какви кой коя кое кои кого кога къде защо колко чий чия този тази това тези той тя то те го ги му
    им аз ти ние вие`,
  ca: `
    el la els les un una uns unes de del dels al als a en amb per però i o ni que què qui quin quina quins quines quan quant
    quants quanta quantes on com perquè és són era eren ser està estan ha han hi ho es se no més seva seus seves aquest
    aquesta aquests aquestes això`,
  he: `
    של את על הוא היא הם הן זה זו זאת אלו אשר כי או גם לא יש אין היה הייתה היתה היו יהיה להיות בין אבל רק כל אני אתה אנחנו מה
    מהו מהי מהם מהן מי מיהו מיהי איפה היכן מתי מדוע למה איך כיצד כמה איזה איזו אילו לאן מאין מאיפה האם`,
};

const PERSIAN = /[یک]/g;
/** Persian and Urdu words as keyboards for Arabic write them, too. */
const spellings = (word: string): string[] => [
  word,
  word.replace(PERSIAN, (letter) => (letter === 'ی' ? 'ي' : 'ك')),
];

const sets = new Map(
  Object.entries(LISTS).map(([code, words]) => [
    code,
    new Set(words.normalize('NFC').trim().split(/\s+/).flatMap(spellings)),
  ]),
);
/** Malay has nearly the same ones, and is what Indonesian is often taken for. */
sets.set('ms', sets.get('id')!);
const NONE: ReadonlySet<string> = new Set();

/** Languages that have a list. */
export const LISTED_LANGUAGES: ReadonlySet<string> = new Set(sets.keys());

export const stopWordsOf = (language: string): ReadonlySet<string> => sets.get(language) ?? NONE;
