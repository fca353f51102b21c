import fs from 'node:fs';
import { workerUrl } from '../../common/worker-url.js';

interface Exports {
  memory: WebAssembly.Memory;
  /** `count` rows from the address `row`; writes one 32-bit integer each from `out`. */
  dots(row: number, count: number, stride: number, probe: number, out: number): void;
  /** The same for rows anywhere: `list` is the address of their addresses. */
  dotsAt(list: number, count: number, stride: number, probe: number, out: number): void;
  /** Which of `count` integers from the address `dots` are `least` or more: how many, and their places from `list`. */
  select(dots: number, count: number, least: number, list: number): number;
}

const PAGE = 65_536;
/** What one memory of WebAssembly can have. */
export const MOST_BYTES = 65_535 * PAGE;
/** Bytes of a row are a multiple of this. */
export const ROW_ALIGNMENT = 32;
/** Length of a stored vector: the square still fits 32 bits, and a cosine is known to about 0.00001. */
const LENGTH = 32_767;
const LEAST_INT = -(2 ** 31);

/** Memory of WebAssembly with 16-bit vectors, and their inner products eight at a time. */
export class DotKernel {
  readonly stride: number;
  private readonly kernel: Exports;
  private readonly probe: number;
  private readonly list: number = 0;
  private readonly out: number = 0;
  private used = 0;
  // Views of the memory: making them for each look costs more than the look.
  private shorts = new Int16Array(0);
  private compared: Int32Array = new Int32Array(0);
  private noted: Int32Array = new Int32Array(0);

  /** @param atOnce rows that are compared in one call at most */
  constructor(
    private readonly dimensions: number,
    private readonly atOnce: number,
    private readonly mostBytes = MOST_BYTES,
  ) {
    const code = fs.readFileSync(workerUrl(import.meta.url, './dot-kernel.wasm'));
    this.kernel = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports;
    this.stride = Math.ceil((dimensions * 2) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    this.probe = this.allocate(this.stride);
    this.list = this.allocate(atOnce * 4);
    this.out = this.allocate(atOnce * 4);
    this.view();
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.used;
  }

  /** The address of new memory, filled with zeros. Throws RangeError where there is no more. */
  allocate(bytes: number): number {
    const { memory } = this.kernel;
    const aligned = Math.ceil(bytes / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    if (this.used + aligned > this.mostBytes) throw new RangeError('the memory cannot have more');
    const lacking = this.used + aligned - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
    if (this.shorts.buffer !== memory.buffer) this.view();
    const address = this.used;
    this.used += aligned;
    return address;
  }

  /** Stores a vector with its direction kept and its length made one. */
  write(address: number, vector: Float32Array): void {
    let squares = 0;
    for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
    const scale = squares > 0 ? LENGTH / Math.sqrt(squares) : 0;
    const start = address / 2;
    for (let i = 0; i < this.dimensions; i++) this.shorts[start + i] = Math.round(vector[i]! * scale);
  }

  read(address: number): Float32Array {
    const vector = new Float32Array(this.dimensions);
    for (let i = 0; i < vector.length; i++) vector[i] = this.shorts[address / 2 + i]! / LENGTH;
    return vector;
  }

  setProbe(vector: Float32Array): void {
    this.write(this.probe, vector);
  }

  /** Compares the probe with `count` rows from an address on. */
  compare(address: number, count: number): void {
    this.kernel.dots(address, count, this.stride, this.probe, this.out);
  }

  /** Notes the address of a row that `compareNoted` is to look at. From 2 GiB on it is negative here, and the same 32 bits. */
  note(index: number, address: number): void {
    this.noted[index] = address;
  }

  /** Compares the probe with the first `count` rows that were noted. */
  compareNoted(count: number): void {
    this.kernel.dotsAt(this.list, count, this.stride, this.probe, this.out);
  }

  /** Inner products with the rows that were compared last, until the next comparison; `cosineOf` makes cosines of them. */
  get dots(): Int32Array {
    return this.compared;
  }

  /** Finds which of the first `count` rows that were compared last have `least` or more: how many, in `selected`. */
  select(count: number, least: number): number {
    return this.kernel.select(this.out, count, Math.max(LEAST_INT, Math.ceil(least)), this.list);
  }

  /** Numbers of the rows that `select` found, from 0 in the order of the comparison. */
  get selected(): Int32Array {
    return this.noted;
  }

  private view(): void {
    const { buffer } = this.kernel.memory;
    this.shorts = new Int16Array(buffer);
    this.compared = new Int32Array(buffer, this.out, this.atOnce);
    this.noted = new Int32Array(buffer, this.list, this.atOnce);
  }
}

/** How far the cosine of two vectors may be off because each was rounded: the sum of their errors in length. */
export const roundingOf = (dimensions: number): number => Math.sqrt(dimensions) / LENGTH;

export const cosineOf = (dot: number): number => dot / (LENGTH * LENGTH);

export const dotOf = (cosine: number): number => cosine * LENGTH * LENGTH;
