import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findLocalModel, localModelNames } from './local-model.js';
import { findModel } from './models.js';

describe('an encoder that its folder describes', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'encoders-'));
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

  const CONFIG = { hidden_size: 512, max_position_embeddings: 512 };
  const POOLED = { pooling_mode_cls_token: false, pooling_mode_mean_tokens: true };
  /** A folder with these files, each as JSON. */
  const folder = (name: string, files: Record<string, unknown>): void => {
    for (const [file, content] of Object.entries({ 'config.json': CONFIG, ...files })) {
      const target = path.join(dir, name, file);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, JSON.stringify(content));
    }
  };

  it('has what sentence-transformers wrote, where the manifest says nothing', () => {
    folder('plain', {
      'encoder.json': {},
      '1_Pooling/config.json': POOLED,
      'sentence_bert_config.json': { max_seq_length: 128 },
      'tokenizer_config.json': { model_max_length: 512 },
      'config_sentence_transformers.json': { prompts: { query: 'query: ', document: 'passage: ' } },
      'modules.json': [{ type: 'sentence_transformers.models.Transformer' }, { type: 'x.Pooling' }],
      'onnx/model.onnx': {},
    });
    expect(findLocalModel(dir, 'plain')).toMatchObject({
      name: 'plain',
      pooling: 'mean',
      dimensions: 512,
      maxTokens: 128,
      queryPrefix: 'query: ',
      passagePrefix: 'passage: ',
      onnx: { path: 'onnx/model.onnx' },
    });
    expect(findLocalModel(dir, 'plain')?.languages).toBeUndefined();
  });

  it('has what the manifest says before anything else', () => {
    const sum = 'a'.repeat(64);
    folder('said', {
      'encoder.json': {
        pooling: 'cls',
        query_prefix: 'ask: ',
        max_tokens: 300,
        languages: ['de'],
        lexical_weight: 0.3,
        sha256: { 'tokenizer.json': sum },
      },
      'sentence_bert_config.json': { max_seq_length: 128 },
    });
    expect(findLocalModel(dir, 'said')).toMatchObject({
      pooling: 'cls',
      queryPrefix: 'ask: ',
      passagePrefix: '',
      maxTokens: 300,
      languages: ['de'],
      lexicalWeight: 0.3,
      onnx: { path: 'onnx/model_quantized.onnx' },
      tokenizer: { path: 'tokenizer.json', sha256: sum },
    });
  });

  it('is told apart from folders of other models, and from paths that lead outside', async () => {
    folder('no-manifest', { '1_Pooling/config.json': POOLED });
    fs.mkdirSync(path.join(dir, 'gemini-x'), { recursive: true });
    fs.writeFileSync(path.join(dir, 'gemini-x', 'encoder.json'), '{"lexical_weight": 0.2}');
    expect(findLocalModel(dir, 'no-manifest')).toBeUndefined();
    expect(findLocalModel(path.join(dir, 'said'), '../plain')).toBeUndefined();
    expect(await localModelNames(dir)).toEqual(['plain', 'said']);
    expect(await localModelNames(path.join(dir, 'nowhere'))).toEqual([]);
  });

  it('changes what is known of an encoder by name', () => {
    expect(findLocalModel(dir, 'all-MiniLM-L6-v2')).toEqual(findModel('all-MiniLM-L6-v2'));
    folder('all-MiniLM-L6-v2', { 'encoder.json': { lexical_weight: 0.1 } });
    expect(findLocalModel(dir, 'all-MiniLM-L6-v2')).toEqual({
      ...findModel('all-MiniLM-L6-v2'),
      lexicalWeight: 0.1,
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['names no pooling', { 'encoder.json': {} }, /encoder\.json must name pooling/],
    [
      'contradicts the pooling of the model',
      { 'encoder.json': { pooling: 'cls' }, '1_Pooling/config.json': POOLED },
      /says pooling "cls", but .*1_Pooling\/config\.json says "mean"/,
    ],
    [
      'pools in a way that is not supported',
      { 'encoder.json': {}, '1_Pooling/config.json': { pooling_mode_max_tokens: true } },
      /pooling by max_tokens is not supported/,
    ],
    [
      'has a layer that is not supported',
      {
        'encoder.json': { pooling: 'cls' },
        'modules.json': [{ type: 'sentence_transformers.models.Dense' }],
      },
      /has a layer Dense/,
    ],
    [
      'names another width',
      { 'encoder.json': { pooling: 'cls', dimensions: 384 } },
      /384 dimensions.* has 512/,
    ],
    [
      'reads more than the model can',
      { 'encoder.json': { pooling: 'cls', max_tokens: 1024 } },
      /reads 512 at most/,
    ],
    [
      'has no width anywhere',
      { 'encoder.json': { pooling: 'cls' }, 'config.json': {} },
      /must name dimensions/,
    ],
    [
      'checks files that are not read',
      { 'encoder.json': { pooling: 'cls', sha256: { 'vocab.txt': 'b'.repeat(64) } } },
      /sha256 names vocab\.txt/,
    ],
    ['is no object', { 'encoder.json': [] }, /encoder\.json is not an object/],
  ])('is refused in one line where it %s', (_what, files, message) => {
    folder('wrong', { ...files });
    try {
      expect(() => findLocalModel(dir, 'wrong')).toThrow(message);
    } finally {
      fs.rmSync(path.join(dir, 'wrong'), { recursive: true });
    }
  });
});
