import type { ExtractedText, TextBlock } from '../extract/extract.types.js';
import { oneLine } from '../extract/normalise.js';
import type { TokenCounter } from './chunk.types.js';
import type { Context, ContextMaker, Heading } from './context.js';

/** Blocks that stand under the same headings. */
export interface Section {
  path: Heading[];
  context: Context;
  /** No headings, except those whose words would otherwise be in no passage. */
  blocks: TextBlock[];
}

const LONGEST_HEADING = 300;

/** A heading as such, or undefined for one so long that it is a passage itself. */
function headingOf(
  text: string,
  block: TextBlock,
  limit: number,
  count: TokenCounter,
): Omit<Heading, 'parents'> | undefined {
  if (block.kind !== 'heading' || block.end - block.start > LONGEST_HEADING) return undefined;
  const line = oneLine(text.slice(block.start, block.end), LONGEST_HEADING);
  const tokens = count(line);
  return tokens > limit
    ? undefined
    : { level: block.level ?? 1, text: line, start: block.start, end: block.end, tokens };
}

/**
 * Divides a document at its headings. Every heading's words end up in front of a passage, or in one: a heading
 * that nothing stands under becomes a block of its own.
 */
export function divide(
  document: ExtractedText,
  contexts: ContextMaker,
  headingLimit: number,
  count: TokenCounter,
): Section[] {
  const sections: Section[] = [];
  let path: Heading[] = [];
  let pending: { heading: Heading; block: TextBlock }[] = [];
  let current: Section | undefined;

  const keepLost = (context: Context | undefined): void => {
    let lost: Section | undefined;
    for (const { heading, block } of pending) {
      if (context?.shown.has(heading)) continue;
      if (!lost) {
        lost = { path: heading.parents, context: contexts.of(heading.parents), blocks: [] };
        sections.push(lost);
      }
      lost.blocks.push(block);
    }
    pending = [];
  };

  for (const block of document.blocks) {
    const found = headingOf(document.text, block, headingLimit, count);
    if (found) {
      const parents = path.filter((heading) => heading.level < found.level);
      const heading = { ...found, parents };
      path = [...parents, heading];
      pending.push({ heading, block });
      current = undefined;
      continue;
    }
    if (!current) {
      const context = contexts.of(path);
      keepLost(context);
      current = { path, context, blocks: [] };
      sections.push(current);
    }
    current.blocks.push(block);
  }
  keepLost(undefined);
  return sections;
}
