import { bytes, integer, MB, oneOf, TB, text, url } from './variable.js';

/** How passages are found, and by which encoder. */
export const RETRIEVAL_VARIABLES = {
  vectorStore: oneOf(['pgvector', 'chroma'], {
    env: 'VECTOR_STORE',
    group: 'Retrieval',
    default: undefined,
    defaultText: '`chroma` when `CHROMA_URL` is set, else `pgvector`',
    description: 'Where vectors are kept.',
  }),
  chromaUrl: url(['http:', 'https:'], {
    env: 'CHROMA_URL',
    group: 'Retrieval',
    default: undefined,
    description: 'ChromaDB server, such as `http://chroma:8000`.',
  }),
  chromaHeaders: text({
    env: 'CHROMA_HEADERS',
    group: 'Retrieval',
    default: undefined,
    secret: true,
    description: 'JSON object of headers for an authenticating proxy in front of ChromaDB.',
  }),
  chromaTenant: text({
    env: 'CHROMA_TENANT',
    group: 'Retrieval',
    default: 'default_tenant',
    description: 'ChromaDB tenant.',
  }),
  chromaDatabase: text({
    env: 'CHROMA_DATABASE',
    group: 'Retrieval',
    default: 'default_database',
    description: 'ChromaDB database.',
  }),
  vectorMemory: bytes(
    { min: MB, max: TB },
    {
      env: 'VECTOR_MEMORY',
      group: 'Retrieval',
      default: '512mb',
      description:
        'Memory in which each process holds the vectors of pgvector to search them (about 0.9 KB for each passage). An index that needs more, or more than the 4 GB that one can have, is searched in the database.',
    },
  ),
  lexicalIndex: oneOf(['segments', 'pg_textsearch'], {
    env: 'LEXICAL_INDEX',
    group: 'Retrieval',
    default: 'segments',
    description:
      'Word index: the built-in engine, or the `pg_textsearch` extension (PostgreSQL 17 or newer).',
  }),
  fusion: oneOf(['convex', 'rrf'], {
    env: 'FUSION',
    group: 'Retrieval',
    default: 'convex',
    description:
      'How scores by words and by meaning become one: `convex` weighs standardised scores, `rrf` adds reciprocal ranks (weaker on every collection measured).',
  }),

  modelsDir: text({
    env: 'MODELS_DIR',
    group: 'Encoder',
    default: undefined,
    defaultText: '`DATA_DIR/models`',
    description: 'Folder with encoders in transformers.js layout.',
  }),
  embeddingModel: text({
    env: 'EMBEDDING_MODEL',
    group: 'Encoder',
    default: 'all-MiniLM-L6-v2',
    description:
      'First encoder of a new installation, until something is embedded; later it is changed by `POST /admin/index` (docs/encoders.md). `all-MiniLM-L6-v2`, `bge-small-en-v1.5`, a folder in `MODELS_DIR` with an `encoder.json` (docs/encoders.md), or `gemini:<name>`, such as `gemini:gemini-embedding-001`, which sends every passage and query to Google.',
  }),
  geminiEmbeddingDimensions: integer(
    { min: 64, max: 4096 },
    {
      env: 'GEMINI_EMBEDDING_DIMENSIONS',
      group: 'Encoder',
      default: 768,
      description: 'Length of the vectors of a Gemini encoder.',
    },
  ),
  modelDownload: oneOf(['auto', 'off'], {
    env: 'MODEL_DOWNLOAD',
    group: 'Encoder',
    default: undefined,
    defaultText: '`auto`, in strict mode `off`',
    description:
      'Whether the server may fetch a missing encoder from the Hugging Face hub at its first start.',
  }),
  embeddingWorkers: integer(
    { min: 1, max: 16 },
    {
      env: 'EMBEDDING_WORKERS',
      group: 'Encoder',
      default: 2,
      description: 'Most worker threads that embed at the same time, each with one thread of computation.',
    },
  ),
} as const;
