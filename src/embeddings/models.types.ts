/** One file of a model that is fetched or imported. */
export interface ModelFile {
  /** Where it stands below the model's folder (the layout of transformers.js) and in the hub's repository. */
  path: string;
  bytes: number;
  sha256: string;
  /** Base names under which archives carry the same bytes. */
  archiveNames: readonly string[];
}

export interface KnownSimilarity {
  a: string;
  b: string;
  cosine: number;
}

/** One file of a model as it stands in its folder, checked as far as its description says what it is. */
export interface LocalFile {
  path: string;
  bytes?: number;
  sha256?: string;
  /** Another version that is as good. */
  clearedSha256?: string;
}

/** Everything the application knows about an encoder before it has loaded it. */
export interface EncoderModel {
  name: string;
  onnx: LocalFile;
  tokenizer: LocalFile;
  pooling: 'mean' | 'cls';
  normalize: true;
  queryPrefix: string;
  passagePrefix: string;
  /** Tokens of one text, special tokens included, that the model was trained to read. */
  maxTokens: number;
  dimensions: number;
  /** ISO 639-1; others are embedded too, but are better found by words. Undefined where it is made for any. */
  languages?: readonly string[];
  /** Share of the words' vote in a hybrid search, measured by `npm run eval:weight`. */
  lexicalWeight?: number;
  /** Cosines between which unrelated and matching texts usually lie. */
  scoreScale: { unrelated: number; matching: number };
  /** What the loaded model must reproduce; 8-bit kernels differ a little between processors. */
  similarities: readonly KnownSimilarity[];
  tolerance: number;
}

/** An encoder that this version knows: where to get it, and what its files are. */
export interface KnownModel extends EncoderModel {
  hub: { repository: string; revision: string };
  /** `group:artifact:version` of an archive with the same files. */
  maven?: string;
  onnx: ModelFile;
  /** As published; `clearedSha256` is the same file without its fixed truncation and padding, as we write it. */
  tokenizer: ModelFile & { clearedSha256: string };
  languages: readonly string[];
  /** Small files that archives lack: path → content. Written by us, whatever the source. */
  generated: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  /** Absolute folder in the layout of transformers.js. */
  modelDir: string;
  model: EncoderModel;
  /** Most threads at the same time. */
  workers: number;
  /** The encoder has stopped working for good; everything under way was rejected. */
  onBroken?: ((detail: string) => void) | undefined;
}
