import fs from 'node:fs';
import path from 'node:path';

/**
 * A real cross-encoder, small enough to be written down: an ONNX graph that counts, for each word of the vocabulary, how
 * often it stands in the question and in the passage, and adds up what both have, times the weight of the word. With the
 * tokenizer of BERT it is loaded and run by transformers.js as any other model is.
 */
export function writeTinyCrossEncoder(
  modelsDir: string,
  name: string,
  weights: Readonly<Record<string, number>>,
): void {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const words = [...special, ...Object.keys(weights)];
  const dir = path.join(modelsDir, name);
  fs.mkdirSync(path.join(dir, 'onnx'), { recursive: true });
  const write = (file: string, content: object): void =>
    fs.writeFileSync(path.join(dir, file), JSON.stringify(content));
  write('config.json', {
    architectures: ['BertForSequenceClassification'],
    model_type: 'bert',
    hidden_size: 4,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    vocab_size: words.length,
    id2label: { 0: 'LABEL_0' },
    label2id: { LABEL_0: 0 },
  });
  write('tokenizer_config.json', {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: true,
    model_max_length: 512,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  });
  write('tokenizer.json', tokenizer(words, special));
  fs.writeFileSync(path.join(dir, 'onnx', 'model.onnx'), graph(words.map((word) => weights[word] ?? 0)));
}

function tokenizer(words: readonly string[], special: readonly string[]): object {
  const id = (word: string): number => words.indexOf(word);
  const token = (word: string) => ({ id: word, ids: [id(word)], tokens: [word] });
  const place = (which: 'A' | 'B', type: number) => ({ Sequence: { id: which, type_id: type } });
  const mark = (word: string, type: number) => ({ SpecialToken: { id: word, type_id: type } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: id(content),
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [mark('[CLS]', 0), place('A', 0), mark('[SEP]', 0)],
      pair: [mark('[CLS]', 0), place('A', 0), mark('[SEP]', 0), place('B', 1), mark('[SEP]', 1)],
      special_tokens: { '[CLS]': token('[CLS]'), '[SEP]': token('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, i) => [word, i])),
    },
  };
}

// Just enough of ONNX's protocol buffers (onnx.proto3) to write the graph above.
const INT64 = 7;
const FLOAT = 1;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

type Field = readonly [number, number | string | Buffer];
const message = (...fields: readonly Field[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([tag, value]) => {
      if (typeof value === 'number') return [Buffer.from([...varint(tag << 3), ...varint(value)])];
      const bytes = Buffer.from(value as string);
      return [Buffer.from([...varint((tag << 3) | 2), ...varint(bytes.length)]), bytes];
    }),
  );

const node = (
  type: string,
  inputs: readonly string[],
  output: string,
  ...attributes: readonly Buffer[]
): Field => [
  1,
  message(
    ...inputs.map((name): Field => [1, name]),
    [2, output],
    [3, output],
    [4, type],
    ...attributes.map((attribute): Field => [5, attribute]),
  ),
];
const integer = (name: string, value: number): Buffer => message([1, name], [3, value], [20, 2]);

const tensor = (name: string, type: number, dims: readonly number[], data: Buffer): Field => [
  5,
  message(...dims.map((size): Field => [1, size]), [2, type], [8, name], [9, data]),
];
const floats = (name: string, dims: readonly number[], values: readonly number[]): Field =>
  tensor(name, FLOAT, dims, Buffer.from(Float32Array.from(values).buffer));
const integers = (name: string, values: readonly number[]): Field =>
  tensor(name, INT64, [values.length], Buffer.from(BigInt64Array.from(values, BigInt).buffer));

const value = (field: number, name: string, type: number, shape: readonly (number | string)[]): Field => [
  field,
  message(
    [1, name],
    [
      2,
      message([
        1,
        message(
          [1, type],
          [
            2,
            message(
              ...shape.map((size): Field => [1, message(typeof size === 'number' ? [1, size] : [2, size])]),
            ),
          ],
        ),
      ]),
    ],
  ),
];

function graph(weights: readonly number[]): Buffer {
  const input = (name: string): Field => value(11, name, INT64, ['batch', 'sequence']);
  const body = message(
    // Which word stands at each place, as one number per word: [batch, sequence, words].
    node('OneHot', ['input_ids', 'words', 'off_on'], 'places'),
    node('Cast', ['attention_mask'], 'mask', integer('to', FLOAT)),
    node('Cast', ['token_type_ids'], 'second', integer('to', FLOAT)),
    node('Mul', ['mask', 'second'], 'of_passage'),
    node('Sub', ['mask', 'of_passage'], 'of_question'),
    node('Unsqueeze', ['of_passage', 'last'], 'passage_row'),
    node('Unsqueeze', ['of_question', 'last'], 'question_row'),
    node('Mul', ['places', 'passage_row'], 'passage_places'),
    node('Mul', ['places', 'question_row'], 'question_places'),
    node('ReduceSum', ['passage_places', 'second_axis'], 'passage_counts', integer('keepdims', 0)),
    node('ReduceSum', ['question_places', 'second_axis'], 'question_counts', integer('keepdims', 0)),
    node('Min', ['passage_counts', 'question_counts'], 'shared'),
    node('MatMul', ['shared', 'weights'], 'logits'),
    [2, 'overlap'],
    integers('words', [weights.length]),
    floats('off_on', [2], [0, 1]),
    integers('last', [-1]),
    integers('second_axis', [1]),
    floats('weights', [weights.length, 1], weights),
    input('input_ids'),
    input('attention_mask'),
    input('token_type_ids'),
    value(12, 'logits', FLOAT, ['batch', 1]),
  );
  return message([1, 8], [7, body], [8, message([1, ''], [2, 13])]);
}
