import type { DefaultTreeAdapterTypes } from 'parse5';

export type Node = DefaultTreeAdapterTypes.Node;
export type Element = DefaultTreeAdapterTypes.Element;

/** Never content: machinery, controls, and what stands around the content. */
const DROPPED = new Set(
  'script style template noscript head nav footer aside iframe frame frameset object embed svg canvas audio video map select button textarea datalist'.split(
    ' ',
  ),
);
const DROPPED_ROLES = new Set([
  'navigation',
  'search',
  'contentinfo',
  'complementary',
  'banner',
  'menu',
  'menubar',
  'dialog',
]);
// MediaWiki's and print style sheets' marks for what is not part of the article.
const DROPPED_CLASS =
  /(?:^|\s)(?:noprint|navbox|mw-editsection|mw-jump-link|visually-hidden|sr-only)(?:\s|$)/;
const HIDDEN_STYLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b/i;

export const isElement = (node: Node): node is Element => 'tagName' in node;
export const textOf = (node: Node): string | undefined =>
  node.nodeName === '#text' && 'value' in node ? node.value : undefined;
export const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((a) => a.name === name)?.value;

/** Whether an element and all in it is left out. */
export function isDropped(element: Element): boolean {
  if (DROPPED.has(element.tagName)) return true;
  // Footnote marks would stand in the middle of sentences and of what is quoted from them.
  if (
    element.tagName === 'sup' &&
    /\b(?:reference|footnote-ref|mw-ref)\b/.test(attribute(element, 'class') ?? '')
  )
    return true;
  for (const { name, value } of element.attrs) {
    if (name === 'hidden' && value !== 'until-found') return true;
    if (name === 'aria-hidden' && value === 'true') return true;
    if (name === 'role' && DROPPED_ROLES.has(value)) return true;
    if (name === 'class' && DROPPED_CLASS.test(value)) return true;
    if (name === 'style' && HIDDEN_STYLE.test(value)) return true;
  }
  return false;
}

/**
 * Depth-first over a subtree without recursion: pages nested a hundred thousand deep exist. `enter` returns
 * false to leave a node's children out (`leave` is then not called for it).
 */
export function walk(root: Node, visitor: { enter(node: Node): boolean; leave?(node: Element): void }): void {
  const stack: { node: Node; next: number }[] = [];
  const visit = (node: Node): void => {
    if (visitor.enter(node)) stack.push({ node, next: 0 });
  };
  visit(root);
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const children = 'childNodes' in top.node ? top.node.childNodes : [];
    const child = children[top.next++];
    if (child) {
      visit(child);
    } else {
      stack.pop();
      if (isElement(top.node)) visitor.leave?.(top.node);
    }
  }
}

/** Collapses white space as a browser does; no-break spaces too, soft hyphens go. */
export const collapse = (text: string): string =>
  text.replace(/[\u00ad\u200b]/g, '').replace(/[\s\u00a0]+/g, ' ');

const BREAKS_WORDS = new Set(
  'address article blockquote br center dd div dl dt figcaption figure form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table td th tr ul'.split(
    ' ',
  ),
);

/** All text of a subtree on one line, as for a title or a table cell. */
export function flatText(root: Node): string {
  const parts: string[] = [];
  walk(root, {
    enter(node) {
      if (!isElement(node)) parts.push(textOf(node) ?? '');
      else if (node !== root && isDropped(node)) return false;
      else if (BREAKS_WORDS.has(node.tagName)) parts.push(' ');
      return true;
    },
    leave: (node) => void (BREAKS_WORDS.has(node.tagName) && parts.push(' ')),
  });
  return collapse(parts.join('')).trim();
}

export interface TableFacts {
  nested: boolean;
  headings: boolean;
  headerCells: boolean;
}

/** One pass over the page for what later decisions need. */
export function survey(root: Node): { size: Map<Element, number>; tables: Map<Element, TableFacts> } {
  const size = new Map<Element, number>();
  const tables = new Map<Element, TableFacts>();
  const openTables: Element[] = [];
  const openSizes: number[] = [];
  walk(root, {
    enter(node) {
      if (!isElement(node)) {
        const text = textOf(node);
        if (text !== undefined && openSizes.length > 0)
          openSizes[openSizes.length - 1]! += text.trim().length;
        return 'childNodes' in node;
      }
      if (node !== root && isDropped(node)) return false;
      const facts = tables.get(openTables.at(-1) ?? node);
      if (facts && node.tagName === 'table') facts.nested = true;
      if (facts && /^h[1-6]$/.test(node.tagName)) facts.headings = true;
      if (facts && node.tagName === 'th') facts.headerCells = true;
      if (node.tagName === 'table') {
        tables.set(node, { nested: false, headings: false, headerCells: false });
        openTables.push(node);
      }
      openSizes.push(0);
      return true;
    },
    leave(node) {
      if (openTables.at(-1) === node) openTables.pop();
      const own = openSizes.pop() ?? 0;
      size.set(node, own);
      if (openSizes.length > 0) openSizes[openSizes.length - 1]! += own;
    },
  });
  return { size, tables };
}
