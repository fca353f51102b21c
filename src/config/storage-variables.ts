import { bytes, duration, flag, integer, KB, oneOf, TB, text, url } from './variable.js';

/** Files of documents: where they are kept, and how much of it a user may have. */
export const STORAGE_VARIABLES = {
  fileStore: oneOf(['directory', 's3'], {
    env: 'FILE_STORE',
    group: 'Files',
    default: undefined,
    defaultText: '`s3` when `S3_BUCKET` is set, else `directory`',
    description: 'Where uploaded files are kept: in `DATA_DIR/files`, or in a bucket.',
  }),
  s3Bucket: text({
    env: 'S3_BUCKET',
    group: 'Files',
    default: undefined,
    description: 'Bucket of S3 or a compatible server. It has to exist.',
  }),
  s3Endpoint: url(['http:', 'https:'], {
    env: 'S3_ENDPOINT',
    group: 'Files',
    default: undefined,
    defaultText: 'the address of AWS',
    description: 'Address of a compatible server, such as `http://minio:9000`.',
  }),
  s3Region: text({ env: 'S3_REGION', group: 'Files', default: 'us-east-1', description: 'Region.' }),
  s3Prefix: text({
    env: 'S3_PREFIX',
    group: 'Files',
    default: '',
    description: 'In front of every key, such as `ai-backend/`.',
  }),
  s3AccessKeyId: text({
    env: 'S3_ACCESS_KEY_ID',
    group: 'Files',
    default: undefined,
    defaultText: 'as the AWS tools find it',
    description: 'Access key.',
  }),
  s3SecretAccessKey: text({
    env: 'S3_SECRET_ACCESS_KEY',
    group: 'Files',
    default: undefined,
    defaultText: 'as the AWS tools find it',
    secret: true,
    description: 'Secret of the access key.',
  }),
  s3ForcePathStyle: flag({
    env: 'S3_FORCE_PATH_STYLE',
    group: 'Files',
    default: undefined,
    defaultText: 'on when `S3_ENDPOINT` is set',
    description: 'Puts the bucket into the path instead of the host name.',
  }),
  quotaBytes: bytes(
    { min: KB, max: 4096 * TB },
    {
      env: 'QUOTA_BYTES',
      group: 'Limits',
      default: '50gb',
      description: 'Bytes of files and texts that a user may keep.',
    },
  ),
  quotaDocuments: integer(
    { min: 1, max: 1_000_000_000 },
    {
      env: 'QUOTA_DOCUMENTS',
      group: 'Limits',
      default: 1_000_000,
      description: 'Documents that a user may keep.',
    },
  ),
  reconcileGrace: duration(
    { min: 5, max: 7 * 86_400 },
    {
      env: 'RECONCILE_GRACE',
      group: 'Files',
      default: '1h',
      description:
        'How old a file, row or vector without its counterparts has to be before it is taken for an orphan: uploads of several files have half of it, from the first one on. After a start with the embedded database, whatever is older than the start is one.',
    },
  ),
  maxQueuedDocuments: integer(
    { min: 1, max: 10_000_000 },
    {
      env: 'MAX_QUEUED_DOCUMENTS',
      group: 'Limits',
      default: 20_000,
      description: 'Files of a user that may wait to be read; further ones are answered with 429.',
    },
  ),
} as const;
