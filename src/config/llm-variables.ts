import { duration, integer, oneOf, text, url } from './variable.js';

/** Of the language model and of what is kept of answers. */
export const LLM_VARIABLES = {
  llm: oneOf(['none', 'gemini'], {
    env: 'LLM',
    group: 'Language model',
    default: undefined,
    defaultText: '`gemini` when `GOOGLE_API_KEY` is set, else `none`',
    description: 'Language model. Without one, answers are quoted from the documents word for word.',
  }),
  googleApiKey: text({
    env: 'GOOGLE_API_KEY',
    group: 'Language model',
    default: undefined,
    secret: true,
    description: 'Key for Gemini.',
  }),
  geminiModel: text({
    env: 'GEMINI_MODEL',
    group: 'Language model',
    default: 'gemini-flash-latest',
    description: 'Gemini model.',
  }),
  geminiBaseUrl: url(['http:', 'https:'], {
    env: 'GEMINI_BASE_URL',
    group: 'Language model',
    default: undefined,
    defaultText: 'the address of Google',
    description: 'Another address that speaks the Gemini API.',
  }),
  llmFallback: oneOf(['extractive', 'none'], {
    env: 'LLM_FALLBACK',
    group: 'Language model',
    default: 'extractive',
    description:
      'What a question gets while the model cannot answer or its tokens are used up: the answer quoted from the documents, declared in `degraded`, or the error.',
  }),
  llmConcurrency: integer(
    { min: 1, max: 1000 },
    {
      env: 'LLM_CONCURRENCY',
      group: 'Language model',
      default: 8,
      description: 'Calls of the model at the same time in each process; some more wait for their turn.',
    },
  ),
  llmConcurrencyPerUser: integer(
    { min: 1, max: 1000 },
    {
      env: 'LLM_CONCURRENCY_PER_USER',
      group: 'Language model',
      default: 3,
      description: 'How many of them may be of the same user.',
    },
  ),
  llmFirstTokenTimeout: duration(
    { min: 0.05, max: 600 },
    {
      env: 'LLM_FIRST_TOKEN_TIMEOUT',
      group: 'Language model',
      default: '30s',
      description: 'Longest wait until a streamed answer begins.',
    },
  ),
  llmStallTimeout: duration(
    { min: 0.05, max: 600 },
    {
      env: 'LLM_STALL_TIMEOUT',
      group: 'Language model',
      default: '20s',
      description: 'Longest silence within a streamed answer.',
    },
  ),
  llmTimeout: duration(
    { min: 0.05, max: 3600 },
    {
      env: 'LLM_TIMEOUT',
      group: 'Language model',
      default: '120s',
      description: 'Longest time spent on waiting for the model over one answer.',
    },
  ),
  llmPause: duration(
    { min: 0.05, max: 3600 },
    {
      env: 'LLM_PAUSE',
      group: 'Language model',
      default: '20s',
      description: 'How long nobody asks a model that failed several times in a row.',
    },
  ),
  llmMaxOutputTokens: integer(
    { min: 64, max: 65_536 },
    {
      env: 'LLM_MAX_OUTPUT_TOKENS',
      group: 'Language model',
      default: 8192,
      description: 'Longest answer of the model, its thoughts included.',
    },
  ),
  llmContextTokens: integer(
    { min: 256, max: 500_000 },
    {
      env: 'LLM_CONTEXT_TOKENS',
      group: 'Language model',
      default: 8000,
      description: 'Tokens of passages that a question may take along, the most useful passages first.',
    },
  ),
  llmTokensPerUser: integer(
    { min: 0, max: 1_000_000_000 },
    {
      env: 'LLM_TOKENS_PER_USER',
      group: 'Language model',
      default: 1_000_000,
      description: 'Tokens of the model for each user and day (UTC), over all processes; `0` for no limit.',
    },
  ),
  llmTokensPerDay: integer(
    { min: 0, max: 1_000_000_000_000 },
    {
      env: 'LLM_TOKENS_PER_DAY',
      group: 'Language model',
      default: 10_000_000,
      description:
        'Tokens of the model for everybody together and day (UTC), over all processes; `0` for no limit.',
    },
  ),
  answerRetention: duration(
    { min: 0, max: 10 * 365 * 86_400 },
    {
      env: 'ANSWER_RETENTION',
      group: 'Language model',
      default: '90d',
      description:
        'How long answers are kept for their user, with question, citations, conversation and feedback; `0s` keeps none.',
    },
  ),
} as const;
