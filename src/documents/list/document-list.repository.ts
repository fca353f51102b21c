import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MetadataFilter } from '../../common/filter/metadata-filter.js';
import { COUNTED_TO } from '../../common/http/page.js';
import { DOCUMENT_COLUMNS } from '../documents.repository.js';
import type { DocumentOrder, DocumentRow, DocumentSort, DocumentStatus } from '../documents.types.js';

/** Which documents are listed. */
export interface DocumentChoice {
  collectionIds: readonly string[];
  externalId?: string | undefined;
  status?: DocumentStatus | undefined;
  filter?: MetadataFilter | undefined;
  parentId?: string | undefined;
  /** All of them stand somewhere in its names. */
  words?: readonly string[] | undefined;
}

export interface DocumentListQuery extends DocumentChoice {
  sort: DocumentSort;
  order: DocumentOrder;
  after?: { key: string; id: string } | undefined;
  limit: number;
}

/** `sort_key` is what its place in the list follows from. */
export type ListedRow = DocumentRow & { sort_key: Date | string };

/** So few documents are looked at one by one; others come up soon on the way through a list. */
const FEW = 2000;

interface SortColumn {
  /** Whose index gives the order. */
  walks: 'documents' | 'document_listing';
  column: string;
  id: string;
  type: string;
}
const SORT_COLUMNS: Readonly<Record<DocumentSort, SortColumn>> = {
  created_at: { walks: 'documents', column: 'd.created_at', id: 'd.id', type: 'timestamptz' },
  updated_at: { walks: 'documents', column: 'd.updated_at', id: 'd.id', type: 'timestamptz' },
  title: { walks: 'document_listing', column: 'l.title_key', id: 'l.document_id', type: 'text' },
  bytes: { walks: 'document_listing', column: 'l.byte_size', id: 'l.document_id', type: 'bigint' },
};

/** Values of a statement, each named where it is used. */
class Values {
  readonly all: unknown[] = [];

  add(value: unknown, type: string): string {
    return `$${this.all.push(value)}::${type}`;
  }
}

interface Search {
  /** As the database compares them. */
  words: readonly string[];
  /** All documents that are to be listed; undefined where those are many, or are found on the way. */
  ids?: readonly string[];
}

/** Lists of documents. Every query carries the collections that the caller may read. */
@Injectable()
export class DocumentListRepository {
  constructor(private readonly source: DataSource) {}

  async page(query: DocumentListQuery): Promise<ListedRow[]> {
    const { sort, order, after, limit } = query;
    const search = await this.search(query, SORT_COLUMNS[sort].walks === 'document_listing');
    const values = new Values();
    const { column, id, type } = SORT_COLUMNS[sort];
    const beyond = after
      ? `and (${column}, ${id}) ${order === 'asc' ? '>' : '<'} (${values.add(after.key, type)}, ${values.add(after.id, 'uuid')})`
      : '';
    const most = values.add(limit, 'integer');
    const inOrder = `${beyond} order by ${column} ${order}, ${id} ${order} limit ${most}`;
    const rows = search.ids
      ? `select ${id} as id, ${column} as key ${amongFew(query, search.ids, values)} ${inOrder}`
      : // Each collection by itself, because only so its index gives the order.
        `select p.id, p.key from unnest(${values.add(query.collectionIds, 'uuid[]')}) as c (id)
         cross join lateral (select ${id} as id, ${column} as key ${walk(query, search, values)} ${inOrder}) p
         order by p.key ${order}, p.id ${order} limit ${most}`;
    return this.source.query<ListedRow[]>(
      `with listed as (${rows})
       select ${DOCUMENT_COLUMNS}, s.key as sort_key from listed s join documents d on d.id = s.id
       join document_versions v on v.id = d.latest_version_id left join document_versions a on a.id = d.active_version_id
       order by s.key ${order}, s.id ${order}`,
      values.all,
    );
  }

  /** How many there are, counted to `COUNTED_TO`. */
  async count(choice: DocumentChoice): Promise<number> {
    const search = await this.search(choice, false);
    const values = new Values();
    const counted = search.ids ? amongFew(choice, search.ids, values) : all(choice, search.words, values);
    const rows = await this.source.query<{ total: number }[]>(
      `select count(*)::int as total from (select ${counted} limit ${COUNTED_TO}) n`,
      values.all,
    );
    return rows[0]?.total ?? 0;
  }

  /** @param beside whether the order is that of another table than the one whose columns are asked for */
  private async search(choice: DocumentChoice, beside: boolean): Promise<Search> {
    const words = await this.folded(choice.words ?? []);
    const values = new Values();
    const isChosen = chosen(choice, new Values()) !== '';
    if (words.length === 0 && !(beside && isChosen)) return { words };
    const rows = await this.source.query<{ id: string }[]>(
      `select ${words.length > 0 ? 'l.document_id' : 'd.id'} as id ${all(choice, words, values)} limit ${FEW + 1}`,
      values.all,
    );
    return rows.length > FEW ? { words } : { words, ids: rows.map(({ id }) => id) };
  }

  private async folded(words: readonly string[]): Promise<string[]> {
    if (words.length === 0) return [];
    const rows = await this.source.query<{ word: string }[]>(
      `select distinct folded_name(w.word) as word from unnest($1::text[]) as w (word) where folded_name(w.word) <> ''`,
      [words],
    );
    return rows.map(({ word }) => word);
  }
}

/** What is asked of a document itself. */
function chosen(choice: DocumentChoice, values: Values): string {
  const conditions = [
    choice.externalId !== undefined && `d.external_id = ${values.add(choice.externalId, 'text')}`,
    choice.status && `d.status = ${values.add(choice.status, 'text')}`,
    choice.parentId && `d.parent_id = ${values.add(choice.parentId, 'uuid')}`,
    choice.filter && `d.metadata @@ ${values.add(choice.filter.jsonPath, 'jsonpath')}`,
  ];
  return conditions
    .filter(Boolean)
    .map((condition) => ` and ${String(condition)}`)
    .join('');
}

/** `d` and `l` of each of these documents. From id to id, whatever the planner takes their number for. */
function amongFew(choice: DocumentChoice, ids: readonly string[], values: Values): string {
  return `from unnest(${values.add(ids, 'uuid[]')}) as w (id)
    cross join lateral (select * from documents d where d.id = w.id
      and d.collection_id = any(${values.add(choice.collectionIds, 'uuid[]')}) and d.deleted_at is null
      ${chosen(choice, values)} limit 1) d
    cross join lateral (select * from document_listing l where l.document_id = d.id limit 1) l where true`;
}

/** `d`, and `l` where the order or a search needs it, of collection `c`: through the index that has the order. */
function walk(choice: DocumentChoice & { sort: DocumentSort }, { words }: Search, values: Values): string {
  const containing = words.length > 0 ? `and ${contains(words, values)}` : '';
  if (SORT_COLUMNS[choice.sort].walks === 'document_listing')
    return `from document_listing l cross join lateral (
        select from documents d
        where d.id = l.document_id and d.collection_id = c.id and d.deleted_at is null ${chosen(choice, values)} limit 1) d
      where l.collection_id = c.id ${containing}`;
  const names = containing
    ? `cross join lateral (
         select from document_listing l where l.document_id = d.id ${containing} limit 1) l`
    : '';
  return `from documents d ${names} where d.collection_id = c.id and d.deleted_at is null ${chosen(choice, values)}`;
}

/** Those that are to be listed, in no order: `l` where words are looked for, else `d`. */
function all(choice: DocumentChoice, words: readonly string[], values: Values): string {
  const collections = values.add(choice.collectionIds, 'uuid[]');
  const conditions = chosen(choice, values);
  if (words.length === 0)
    return `from documents d where d.collection_id = any(${collections}) and d.deleted_at is null ${conditions}`;
  return `from document_listing l where l.collection_id = any(${collections}) and ${contains(words, values)}
    and exists (select from documents d where d.id = l.document_id and d.collection_id = l.collection_id
      and d.deleted_at is null ${conditions})`;
}

/** One condition for each: the index of trigrams serves no list of patterns. */
const contains = (words: readonly string[], values: Values): string =>
  words
    .map((word) => `l.names like ${values.add(`%${word.replaceAll(/[\\%_]/g, '\\$&')}%`, 'text')}`)
    .join(' and ');
