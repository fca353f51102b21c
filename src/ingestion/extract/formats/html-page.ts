import { attribute, isElement, walk, type Element, type Node } from './html-tree.js';

const CONTENT_IDS = new Set([
  'content',
  'main',
  'main-content',
  'maincontent',
  'bodyContent',
  'mw-content-text',
]);
/** Whole words of a class attribute by which pages call their text. */
const CONTENT_CLASSES = new Set(
  'content main-content page-content article-body article-content post-content post-body entry-content markdown-body'.split(
    ' ',
  ),
);
/** Words of classes and ids by which pages call what stands around their text. */
const AROUND =
  /^(?:(?:cookie|cookies|gdpr|consent)(?:[-_]?(?:banner|bar|notice|consent|popup|overlay|modal|dialog|message|law|info))?|(?:cookie|consent)[-_]?(?:wall|manager|settings)|onetrust-.*|navbar|nav[-_]bar|top[-_]?bar|topnav|sidebar|side[-_]bar|sidenav|breadcrumbs?|share(?:[-_](?:buttons?|bar|links))?|social[-_](?:share|links|buttons)|skip[-_]?link)$/i;
/** An element with more of the page's text than this is no banner, whatever it is called. */
const MOST_AROUND = 0.3;

const wordsOf = (element: Element, name: string): string[] => (attribute(element, name) ?? '').split(/\s+/);

/** Whether a page calls an element its content, by its tag, role, id or class. */
const isMain = (element: Element): boolean =>
  element.tagName === 'main' ||
  element.tagName === 'article' ||
  attribute(element, 'role') === 'main' ||
  CONTENT_IDS.has(attribute(element, 'id') ?? '') ||
  wordsOf(element, 'class').some((word) => CONTENT_CLASSES.has(word));

/** First element below a node, in order, that is wanted. */
export function find(root: Node, wanted: (element: Element) => boolean): Element | undefined {
  let found: Element | undefined;
  walk(root, {
    enter(node) {
      if (!found && isElement(node) && wanted(node)) found = node;
      return !found && (!isElement(node) || node.tagName !== 'template');
    },
  });
  return found;
}

/** Narrows the page down to what calls itself its content, as long as that loses little of the text. */
export function mainContent(body: Element, size: ReadonlyMap<Element, number>): Element {
  let root = body;
  for (let share = 0.5; ; share = 0.8) {
    const least = (size.get(root) ?? 0) * share;
    const outer = root;
    const inner = find(
      root,
      (element) => element !== outer && isMain(element) && (size.get(element) ?? 0) > least,
    );
    if (!inner) return root;
    root = inner;
  }
}

const saysAround = (element: Element): boolean =>
  /^breadcrumbs?$/i.test(attribute(element, 'aria-label') ?? '') ||
  ['class', 'id'].some((name) => wordsOf(element, name).some((word) => AROUND.test(word)));

/**
 * Banners, bars and breadcrumbs by what they are called, as far as they hold little of the text: what is called so and holds
 * a heading of the first level, or much of the page, is what the page is about.
 */
export function surroundings(body: Element, size: ReadonlyMap<Element, number>): Set<Element> {
  const most = (size.get(body) ?? 0) * MOST_AROUND;
  const around = new Set<Element>();
  const open: { element: Element; holdsTitle: boolean }[] = [];
  walk(body, {
    enter(node) {
      if (!isElement(node)) return 'childNodes' in node;
      // What the survey left out is dropped anyway.
      if (!size.has(node)) return false;
      open.push({
        element: node,
        holdsTitle: node.tagName === 'h1' || node.tagName === 'main' || node.tagName === 'article',
      });
      return true;
    },
    leave(element) {
      const { holdsTitle } = open.pop()!;
      const outer = open.at(-1);
      if (outer) outer.holdsTitle ||= holdsTitle;
      if (element !== body && !holdsTitle && (size.get(element) ?? 0) <= most && saysAround(element))
        around.add(element);
    },
  });
  return around;
}
