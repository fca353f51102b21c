import { stripVTControlCharacters } from 'node:util';
import type { AnswerDto } from '../../rag/rag-response.dto.js';
import type { ApiClient } from '../client.js';

/** One for each sample, answered by a sentence of it. */
export const QUESTIONS = [
  'After how many hours of operation is a filter backwashed?',
  'How much does a household receive when the water supply fails for longer than promised?',
  'What is the allowance for a night on call at the weekend?',
] as const;

const WIDTH = 96;

/** Breaks at spaces; the text comes from documents, so nothing in it may steer the terminal. */
function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of stripVTControlCharacters(text).split(/\s+/u).filter(Boolean)) {
    if (line !== '' && line.length + word.length + 1 > WIDTH - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join('\n');
}

function printed(question: string, { answer, supported, citations }: AnswerDto): string {
  const lines = [wrap(question, '? '), wrap(answer, '  ')];
  if (!supported) lines.push('  (not supported by the documents)');
  for (const { n, title, doc_id, page, quote, verified } of citations) {
    const place = page === null ? '' : `, page ${page}`;
    lines.push(
      wrap(
        `[${n}] ${title ?? doc_id} (${doc_id})${place} - ${verified ? 'verified' : 'NOT verified'}`,
        '    ',
      ),
      wrap(`"${quote}"`, '        '),
    );
  }
  return lines.join('\n');
}

/**
 * Asks each question about the given documents and prints its answer.
 * @returns whether every answer was supported and every citation verified
 */
export async function askQuestions(
  client: ApiClient,
  documentIds: string[],
  print: (text: string) => void,
): Promise<boolean> {
  let sound = true;
  for (const question of QUESTIONS) {
    const answer = await client.ask({ question, document_ids: documentIds });
    print(`\n${printed(question, answer)}\n`);
    const { supported, citations } = answer;
    sound &&= supported && citations.length > 0 && citations.every(({ verified }) => verified);
  }
  return sound;
}
