/** What kind of thing a question asks for; decides what an answer must contain. */
export type Expectation =
  'person' | 'time' | 'number' | 'place' | 'explanation' | 'confirmation' | 'anything';

/** Words that ask rather than say what about; as stems, beside the stop words that analysis drops. */
const SCAFFOLD = new Set(
  'mani much name call kind type sort exampl tell explain describ list give find know state mean does what who'.split(
    ' ',
  ),
);

export interface Question {
  text: string;
  /** Distinct stems to look for. */
  terms: ReadonlySet<string>;
  /** Stems of the scaffold: worth little, but "called" in an answer to "what is it called" is no accident. */
  scaffold: ReadonlySet<string>;
  expects: Expectation;
}

const KINDS: readonly (readonly [RegExp, Expectation])[] = [
  [/\b(who|whom|whose|which (person|man|woman|scientist|author|player|king|president))\b/i, 'person'],
  [/\bhow (many|much|long|old|tall|far|high|deep|big|large|wide|fast|heavy|often)\b/i, 'number'],
  [/\bwhat (number|percentage|percent|amount|age|size|length|distance|proportion|fraction)\b/i, 'number'],
  [/\b(when|what (year|date|day|month|century|decade|time)|(in|since|until) (which|what) year)\b/i, 'time'],
  [/\b(where|(what|which) (city|country|state|place|town|location|continent))\b/i, 'place'],
  [/\b(why|how)\b/i, 'explanation'],
  [/^\s*(is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|must)\b/i, 'confirmation'],
];

export function readQuestion(text: string, analyse: (text: string) => readonly string[]): Question {
  const all = new Set(analyse(text));
  const terms = new Set([...all].filter((term) => !SCAFFOLD.has(term)));
  // "What is it called?" has nothing else to go by.
  const bare = terms.size === 0;
  return {
    text,
    terms: bare ? all : terms,
    scaffold: bare ? new Set() : new Set([...all].filter((term) => SCAFFOLD.has(term))),
    expects: KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'anything',
  };
}

const NUMBER_WORD =
  /\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|billion|half|third|quarter|dozen|none|once|twice)\b/i;
const TIME_WORD =
  /\b(january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|centuries|decade|today|yesterday|spring|summer|autumn|winter|morning|evening|(before|after|during|since|until) the)\b/i;
const REASON_WORD =
  /\b(because|since|so that|due to|owing to|in order to|therefore|thus|causes?|caused|by \p{L}+ing|reasons?|leads? to|results? in|designed to|allows?|enables?|through|using)\b/iu;
const NAME = /(?<=\S\s+)\p{Lu}[\p{L}'-]+/gu;

/** Whether a sentence holds the kind of thing asked for, apart from what the question itself brought. */
export function meets(question: Question, sentence: string): boolean {
  switch (question.expects) {
    case 'number':
      return /\d/.test(withoutQuestionNumbers(question, sentence)) || NUMBER_WORD.test(sentence);
    case 'time':
      return /\d/.test(withoutQuestionNumbers(question, sentence)) || TIME_WORD.test(sentence);
    case 'person':
    case 'place':
      return (sentence.match(NAME) ?? []).some((name) => !question.text.includes(name));
    case 'explanation':
      return REASON_WORD.test(sentence);
    default:
      return true;
  }
}

function withoutQuestionNumbers(question: Question, sentence: string): string {
  const known = new Set(question.text.match(/\d+/g));
  return sentence.replace(/\d+/g, (number) => (known.has(number) ? '' : number));
}
