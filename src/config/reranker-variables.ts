import { duration, integer, name } from './variable.js';

const group = 'Reranker';

/** Of the optional cross-encoder that reads the best candidates again. */
export const RERANKER_VARIABLES = {
  rerankerModel: name(/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/, {
    env: 'RERANKER_MODEL',
    group,
    default: undefined,
    defaultText: 'none',
    description:
      'Folder below `MODELS_DIR` with a cross-encoder for `text-classification` in transformers.js layout, such as `ms-marco-MiniLM-L-6-v2`: it reads the question together with each of the best candidates.',
  }),
  rerankerCandidates: integer(
    { min: 2, max: 100 },
    {
      env: 'RERANKER_CANDIDATES',
      group,
      default: 20,
      description: 'How many of the best candidates it reads.',
    },
  ),
  rerankerTimeout: duration(
    { min: 0.01, max: 30 },
    {
      env: 'RERANKER_TIMEOUT',
      group,
      default: '400ms',
      description: 'What it may add to a query. What would be late is left out and declared in `degraded`.',
    },
  ),
  rerankerCpu: integer(
    { min: 1, max: 100 },
    {
      env: 'RERANKER_CPU',
      group,
      default: 50,
      description:
        'Percent of one core that it may use in the mean over ten seconds; queries beyond that go without it, declared in `degraded`.',
    },
  ),
};
