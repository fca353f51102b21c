import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Points and vowels of Hebrew and Arabic, and the stroke that lengthens an Arabic word. Maqaf is a hyphen and stays. */
const MARKS = String.raw`[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0652\u0670]`;
/** Signs of Hebrew abbreviations, as they are on a keyboard or not. */
const GERESH = String.raw`(?<=[\u05d0-\u05ea])[\u05f3\u05f4"''\u2018\u2019\u201c\u201d]+`;
/** The parts of am with a tone between them: most have the tone before both. */
const AM_APART = [
  String.raw`\u0e4d([\u0e48-\u0e4b])\u0e32`,
  String.raw`\u0ecd([\u0ec8-\u0ecb])\u0eb2`,
] as const;
const AM = ['\u0e4d\u0e32', '\u0ecd\u0eb2'] as const;
/** What stands in a name that is looked for otherwise than before. */
const CONCERNED = String.raw`[\u00b4\u02bc\u2018\u2019\u0591-\u05f4\u0622-\u0625\u0640-\u0671\u0e4d\u0ecd\ufb1d-\ufdff\ufe70-\ufefc]`;

const LIST_CONCERNED = `select list_documents(array(
  select d.id from documents d join document_versions v on v.id = d.latest_version_id
  where d.deleted_at is null and concat_ws(' ', v.title, v.file_name, d.external_id) ~ '${CONCERNED}'))`;

/** Names are found without the marks of Arabic and Hebrew, too, and whichever apostrophe they have. */
export class FoldMoreNames20261127150000 implements MigrationInterface {
  name = 'FoldMoreNames20261127150000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      lock table documents, document_versions in share row exclusive mode;

      alter function folded_name(text) rename to name_without_case;
      create function folded_name(name text) returns text language sql immutable strict parallel safe as $$
        select case when octet_length(name) = length(name) then lower(name collate "C")
          else translate(
            regexp_replace(regexp_replace(regexp_replace(regexp_replace(
              -- An accent that stands alone becomes a space there.
              name_without_case(translate(name, '\u00b4', '''')),
              '${MARKS}', '', 'g'), '${GERESH}', '', 'g'),
              '${AM_APART[0]}', '\\1${AM[0]}', 'g'), '${AM_APART[1]}', '\\1${AM[1]}', 'g'),
            '\u0623\u0625\u0622\u0671\u02bc\u2018\u2019', '\u0627\u0627\u0627\u0627''''''') end
      $$;

      ${LIST_CONCERNED};
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      lock table documents, document_versions in share row exclusive mode;
      drop function folded_name(text);
      alter function name_without_case(text) rename to folded_name;
      ${LIST_CONCERNED};
    `);
  }
}
