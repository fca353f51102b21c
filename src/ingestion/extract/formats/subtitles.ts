import { decodeText } from '../encoding.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { normaliseText } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';

const TIMING = /^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s+-->\s+(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}/;
const SKIPPED = /^(?:WEBVTT|STYLE|REGION|NOTE)(?:$|[\s:])/;
const LONGEST_PARAGRAPH = 600;
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  lrm: '',
  rlm: '',
  quot: '"',
};

function plain(text: string): string {
  return text
    .replace(/<[^<>]*>|\{\\[^{}]*\}/g, '')
    .replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/\s+/g, ' ')
    .trim();
}

/** What one cue says and who says it; a line that is repeated from the cue before is left out. */
function readCue(lines: string[], before: string[]): { speaker: string; text: string; lines: string[] } {
  const speaker = /<v(?:\.[^\s>]*)?\s+([^>]+)>/.exec(lines.join(' '))?.[1]?.trim() ?? '';
  const said = lines.map(plain).filter((line) => line !== '');
  const fresh = said.filter((line) => !before.includes(line));
  return { speaker, text: fresh.join(' '), lines: said };
}

/**
 * What is said, without the times: cues are joined into sentences, a new speaker begins a new paragraph.
 */
function extract(bytes: Uint8Array, mime: string): ExtractedText {
  const out = new TextBuilder();
  let open = '';
  let speaker = '';
  const flush = (): void => {
    out.add('paragraph', speaker !== '' && open !== '' ? `${speaker}: ${open}` : open);
    open = '';
  };
  let before: string[] = [];
  for (const block of normaliseText(decodeText(bytes)).split(/\n[^\S\n]*\n/)) {
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    const timing = lines.findIndex((line) => TIMING.test(line));
    if (timing < 0 || (SKIPPED.test(lines[0] ?? '') && timing > 2)) continue;
    // Files that lack the blank lines between cues have further timings in one block.
    const cues: string[][] = [];
    for (const line of lines.slice(timing)) {
      if (TIMING.test(line)) cues.push([]);
      else cues.at(-1)!.push(line);
    }
    for (const said of cues) {
      const isNumbered = cues.length > 1 && said !== cues.at(-1) && /^\d+$/.test(said.at(-1) ?? '');
      const cue = readCue(isNumbered ? said.slice(0, -1) : said, before);
      before = cue.lines;
      if (cue.text === '') continue;
      const isFull = open.length > LONGEST_PARAGRAPH && /[.!?…。！？"”]$/.test(open);
      if (cue.speaker !== speaker || isFull || open.length > 2 * LONGEST_PARAGRAPH) flush();
      speaker = cue.speaker;
      open = open === '' ? cue.text : `${open} ${cue.text}`;
    }
  }
  flush();
  return { text: out.toString(), blocks: out.blocks, title: null, mime, pages: null };
}

export const extractVtt = (bytes: Uint8Array): ExtractedText => extract(bytes, MIME.vtt);
export const extractSrt = (bytes: Uint8Array): ExtractedText => extract(bytes, MIME.srt);
