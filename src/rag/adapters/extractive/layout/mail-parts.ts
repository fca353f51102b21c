import type { AnswerPassage } from '../../../answer.types.js';

/** Header lines of the mail itself, what its writer says, and what was written before and is repeated below. */
export type MailPart = 'header' | 'newest' | 'older';

const FILE = /\.(?:eml|msg|mbox)$/iu;
const FROM = /^(?:From|Von|De|Da|Van|Från|Fra|От|发件人|差出人) ?[:：] ?\S/u;
const HEADER =
  /^(?:From|To|Cc|Bcc|Date|Sent|Subject|Von|An|Gesendet|Datum|Betreff|De|À|Envoyé|Objet|Date d.envoi|Para|Enviado(?: el| em)?|Fecha|Asunto|Assunto|Data|Da|A|Inviato|Oggetto|Van|Aan|Verzonden|Onderwerp|Från|Fra|Till?|Skickat|Sendt?|Ämne|Emne|От|Кому|Дата|Отправлено|Тема|发件人|收件人|发送时间|日期|主题|差出人|宛先|日時|件名) ?[:：]/u;
const DIVIDER =
  /^-{2,}\s?(?:(?:Original|Forwarded) [Mm]essage|Begin forwarded message|Ursprüngliche Nachricht|Weitergeleitete Nachricht|Message (?:d.origine|transféré)|Mensaje original|Mensagem original|Messaggio (?:originale|inoltrato)|Oorspronkelijk bericht|Ursprungligt meddelande|Пересылаемое сообщение|原始邮件)\s?-{2,}$/iu;
const WROTE =
  /^(?:On|Am|Le|El|Il|Em|Op|Den|Dne|În)\s.{4,200}(?<!\p{L})(?:wrote|schrieb|écrit|escribió|ha scritto|escreveu|schreef|skrev|a scris)(?!\p{L}).{0,80}:$/u;
/** Lines that such an introduction is wrapped over. */
const MOST_WRAPPED = 3;
/** Lines above the header of a mail, and code units of them: its subject may be a passage's heading. */
const MOST_ABOVE = 3;
const LONGEST_ABOVE = 1_000;

/** Words of questions about a mail as such: who wrote it, to whom and when. */
const ASKS_OF_MAIL =
  /(?<!\p{L})(?:wr(?:ote|itten|ites?)|sen[dt]|sends|sender|e-?mails?|mail(?:ed|s)?|messages?|repl(?:y|ies|ied)|recipients?|schr(?:ieb|eibt)|geschrieben|ge(?:sen|san)de?t|geschickt|schickte?|absender|empfänger|nachricht|écrit|envoyé|expéditeur|destinataire|escri(?:bió|to)|envi(?:ó|ado)|remitente|correo|scritto|inviat[oa]|mittente|escre(?:veu|ve)|remetente|schreef|geschreven|gestuurd|verzonden|afzender|skrev|skickade|sendte|написал[аи]?|отправил[аи]?)(?!\p{L})/iu;

export const asksOfMail = (question: string): boolean => ASKS_OF_MAIL.test(question);

/** Who wrote or sent a mail, rather than something that it tells of. */
const ASKS_FOR_SENDER =
  /\bwho (?:wrote|sent|mailed|e-mailed|is writing|writes) (?:that|to|about|us|me|(?:the|this|that) (?:e-?mail|mail|message))\b|\bsender\b|(?<!\p{L})(?:absender|wer (?:schrieb|schickte) (?:die|diese) (?:e-?mail|mail|nachricht))(?!\p{L})/iu;

export const asksForSender = (question: string): boolean => ASKS_FOR_SENDER.test(question);

interface Line {
  start: number;
  text: string;
}

/** Where a passage of a mail turns from one part to the next; empty where it is no mail. */
function turnsOf({ text, fileName, charStart }: AnswerPassage): { start: number; part: MailPart }[] {
  const lines: Line[] = [];
  for (const { index, 0: line } of text.matchAll(/[^\n]+/g))
    if (line.trim() !== '') lines.push({ start: index, text: line.trim() });
  const said = (at: number): string => lines[at]?.text ?? '';
  const isQuoted = (at: number): boolean => said(at).startsWith('>');
  const turns: { start: number; part: MailPart }[] = [];
  let isMail = FILE.test(fileName ?? '');
  /** From here on all is older, with or without a mark. */
  let rest = false;
  const add = (at: number, part: MailPart): void => {
    if (turns.at(-1)?.part !== part) turns.push({ start: lines[at]!.start, part });
  };
  for (let at = 0; at < lines.length; at++) {
    const end = headerFrom(lines, at, isMail);
    const wrote = end > at ? 0 : wroteFrom(lines, at);
    if (end > at || wrote > 0 || DIVIDER.test(said(at))) isMail = true;
    if (rest) continue;
    if (end > at) {
      const isFirst =
        charStart < LONGEST_ABOVE && at < MOST_ABOVE && turns.every(({ part }) => part === 'newest');
      // One line above it is its subject.
      if (isFirst && at === 1) turns.length = 0;
      if (isFirst) turns.push({ start: at === 1 ? 0 : lines[at]!.start, part: 'header' });
      else add(at, 'older');
      rest = !isFirst;
      at = end - 1;
    } else if (DIVIDER.test(said(at)) || wrote > 0) {
      add(at, 'older');
      rest = wrote === 0 || !isQuoted(at + wrote);
      at += Math.max(0, wrote - 1);
    } else add(at, isQuoted(at) ? 'older' : 'newest');
  }
  return isMail ? turns : [];
}

/** Behind the last of some header lines, of a mail for sure: a memo or a ticket has such lines as well. */
function headerFrom(lines: readonly Line[], at: number, isMail: boolean): number {
  let end = at;
  while (end < lines.length && HEADER.test(lines[end]!.text)) end++;
  const header = lines.slice(at, end);
  const isSure = isMail || header.some(({ text }) => /\S@\S/.test(text));
  return header.length > 1 && isSure && header.some(({ text }) => FROM.test(text)) ? end : at;
}

/** How many lines say "On Monday, Ann wrote:". */
function wroteFrom(lines: readonly Line[], at: number): number {
  let said = '';
  for (let count = 1; count <= MOST_WRAPPED && at + count <= lines.length; count++) {
    said = `${said} ${lines[at + count - 1]!.text}`.trimStart();
    if (said.endsWith(':')) return WROTE.test(said) ? count : 0;
  }
  return 0;
}

/** Tells the parts of mails, each passage read once. */
export class MailParts {
  private readonly turns = new Map<AnswerPassage, ReturnType<typeof turnsOf>>();

  /** Undefined where the passage is of no mail. */
  partOf({ passage, start }: { passage: AnswerPassage; start: number }): MailPart | undefined {
    let turns = this.turns.get(passage);
    if (!turns) this.turns.set(passage, (turns = turnsOf(passage)));
    return turns.findLast((turn) => turn.start <= start)?.part;
  }
}

interface Ranked {
  passage: AnswerPassage;
  start: number;
  text: string;
  score: number;
  support: number;
}

/** Share of an older sentence's score from which a newer one is taken to answer the same. */
const SAME_MATTER = 0.75;

/** Who wrote a mail is told by the line that names its sender alone, and so on. */
const TOLD_BY: readonly { asked: RegExp; told: RegExp }[] = [
  {
    asked: /(?<!\p{L})(?:to whom|whom|recipients?|an wen|empfänger)(?!\p{L})/iu,
    told: /^(?:To|Cc|An)\s?:/iu,
  },
  { asked: /(?<!\p{L})(?:who|wer|qui|quién|chi|sender|absender)(?!\p{L})/iu, told: FROM },
  {
    asked: /(?<!\p{L})(?:when|wann|quand|cuándo|quando)(?!\p{L})/iu,
    told: /^(?:Date|Sent|Datum|Gesendet|Envoyé|Fecha|Data)\s?:/iu,
  },
];

/** Without header lines of mails, unless the mail itself is asked about. */
export function withoutMailHeaders<E extends { passage: AnswerPassage; start: number; text: string }>(
  question: string,
  evidence: readonly E[],
): readonly E[] {
  const told = asksOfMail(question) ? TOLD_BY.find(({ asked }) => asked.test(question))?.told : undefined;
  if (asksOfMail(question) && !told) return evidence;
  const parts = new MailParts();
  // What a mail says does not tell who wrote it.
  const isSender = asksForSender(question);
  return evidence.filter((one) => {
    const part = parts.partOf(one);
    return part === 'header' ? told?.test(one.text) : part === undefined || !isSender;
  });
}

/**
 * Without what newer text of the same mail answers as well.
 * @param ranked best first
 * @param from least support of an answer
 */
export function newestOfMails<R extends Ranked>(ranked: readonly R[], from: number): R[] {
  const parts = new MailParts();
  /** Best score of newer text, by document. */
  const newest = new Map<string, number>();
  for (const one of ranked)
    if (one.support >= from && parts.partOf(one) === 'newest' && !newest.has(one.passage.documentId))
      newest.set(one.passage.documentId, one.score);
  const older = new Map<string, number>();
  for (const one of ranked)
    if (parts.partOf(one) === 'older' && !older.has(one.passage.documentId))
      older.set(one.passage.documentId, one.score);
  return ranked.filter((one) => {
    if (parts.partOf(one) !== 'older') return true;
    const { documentId } = one.passage;
    return (newest.get(documentId) ?? -Infinity) < SAME_MATTER * older.get(documentId)!;
  });
}
