/** A stretch of a text in UTF-16 code units, end exclusive. */
interface Span {
  start: number;
  end: number;
}

/** Items of one list, in order. */
export interface List {
  /** Numbered, as steps are: "1.", "a)", "Step 1:". */
  counted: boolean;
  items: Span[];
}

interface Marked extends Span {
  counted: boolean;
  /** What its mark is like; items of one list are alike. */
  kind: string;
  indent: number;
  isFirst: boolean;
}

type Open = List & { kind: string; indent: number; goesOn: boolean };

const BULLET = /^([^\S\n]*)[-*•–—▪·][^\S\n]+(?=\S)/u;
const COUNTED = /^([^\S\n]*)(\(?(?:\d{1,3}|\p{L})[.)]|\p{L}{2,12} \d{1,2} ?[:.)])[^\S\n]+(?=\S)/u;
const FIRST = /^\s*(?:\(?[01][.)]|[aA][.)]|\p{L}+ [01] ?[:.)])/u;
const BARE = /^\(?(?:\d{1,3}|\p{L})[.)]$/u;

const MOST_ITEMS = 12;
const LONGEST = 1500;
/** A shorter line was not wrapped. */
const SHORTEST_WRAPPED = 40;
/** Of a passage; more is not looked at. */
const MOST_LINES = 1000;

/** "2." is the number of an item, and nothing that is said. */
export const isBareNumber = (text: string): boolean => BARE.test(text.trim());

function markedAt(line: string, at: number): Marked | undefined {
  const end = at + line.trimEnd().length;
  const bullet = BULLET.exec(line);
  // What is quoted begins behind a bullet, and with a number.
  if (bullet) {
    const [{ length }, { length: indent }] = [bullet[0], bullet[1]!];
    return { start: at + length, end, counted: false, kind: '-', indent, isFirst: false };
  }
  const number = COUNTED.exec(line);
  if (!number) return undefined;
  const indent = number[1]!.length;
  const kind = number[2]!.replace(/\d+/, '1').replace(/^(\(?)\p{L}(?=[.)])/u, '$1a');
  return { start: at + indent, end, counted: true, kind, indent, isFirst: FIRST.test(line) };
}

/** An item that goes on without an indent was wrapped; a shorter one, with a number, is the heading of a section. */
const isWrapped = (list: Open, line: string): boolean =>
  !list.counted || line.length >= SHORTEST_WRAPPED || list.goesOn;

/** The lists of a passage. An item takes in its wrapped lines, and what is indented below it. */
export function listsOf(text: string): List[] {
  const lists: List[] = [];
  let list: Open | undefined;
  let before = '';
  let start = 0;
  for (const line of text.split('\n', MOST_LINES)) {
    const marked = markedAt(line, start);
    const last = list?.items.at(-1);
    const end = start + line.trimEnd().length;
    if (marked && list && last) {
      if (marked.indent > list.indent) last.end = end;
      else if (marked.kind === list.kind && !marked.isFirst) list.items.push(marked);
      else list = undefined;
    } else if (line.trim() !== '' && list && last) {
      const isInner = /^\s/.test(line);
      if (isInner || (before !== '' && isWrapped(list, before))) last.end = end;
      else {
        // What looked like an item is a heading.
        if (before !== '') list.items.pop();
        list = undefined;
      }
    }
    if (list) list.goesOn = !marked;
    if (marked && !list) {
      list = { ...marked, items: [marked], goesOn: false };
      lists.push(list);
    }
    before = line.trim();
    start += line.length + 1;
  }
  return lists.filter((each) => each.items.length > 1);
}

/** The list that a place is in. */
export const listAt = (lists: readonly List[], at: number): List | undefined =>
  lists.find(({ items }) => at >= items[0]!.start && at < items.at(-1)!.end);

/** The item that a place is in. */
export const itemAt = ({ items }: List, at: number): Span | undefined =>
  items.find(({ start, end }) => at >= start && at < end);

/** All of a list, or its first items where that is too much. */
export function wholeList({ items }: List): Span {
  const start = items[0]!.start;
  const taken = items.slice(0, MOST_ITEMS).filter(({ end }, i) => i === 0 || end - start <= LONGEST);
  return { start, end: taken.at(-1)!.end };
}
