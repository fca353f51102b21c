import fs from 'node:fs';
import { workerUrl } from '../../common/worker-url.js';

interface Exports {
  memory: WebAssembly.Memory;
  /** `count` rows from the address `row`; writes one 32-bit integer each from `out`. */
  dots(row: number, count: number, stride: number, probe: number, out: number): void;
}

const PAGE = 65_536;
/** Bytes of a row are a multiple of this. */
export const ROW_ALIGNMENT = 32;
/** Length of a stored vector: the square still fits 32 bits, and a cosine is known to about 0.00001. */
const LENGTH = 32_767;

/** Memory of WebAssembly with 16-bit vectors, and their inner products eight at a time. */
export class DotKernel {
  readonly stride: number;
  private readonly kernel: Exports;
  private readonly probe: number;
  private used = 0;

  constructor(private readonly dimensions: number) {
    const code = fs.readFileSync(workerUrl(import.meta.url, './dot-kernel.wasm'));
    this.kernel = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports;
    this.stride = Math.ceil((dimensions * 2) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    this.probe = this.allocate(this.stride);
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.used;
  }

  /** The address of new memory, filled with zeros. Throws RangeError where there is no more. */
  allocate(bytes: number): number {
    const { memory } = this.kernel;
    const aligned = Math.ceil(bytes / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    const lacking = this.used + aligned - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
    const address = this.used;
    this.used += aligned;
    return address;
  }

  /** Stores a vector with its direction kept and its length made one. */
  write(address: number, vector: Float32Array): void {
    const row = new Int16Array(this.kernel.memory.buffer, address, this.dimensions);
    let squares = 0;
    for (const value of vector) squares += value * value;
    const scale = squares > 0 ? LENGTH / Math.sqrt(squares) : 0;
    for (let i = 0; i < row.length; i++) row[i] = Math.round(vector[i]! * scale);
  }

  read(address: number): Float32Array {
    const row = new Int16Array(this.kernel.memory.buffer, address, this.dimensions);
    return Float32Array.from(row, (value) => value / LENGTH);
  }

  setProbe(vector: Float32Array): void {
    this.write(this.probe, vector);
  }

  dot(address: number, out: number): number {
    this.kernel.dots(address, 1, this.stride, this.probe, out);
    return new Int32Array(this.kernel.memory.buffer, out, 1)[0]!;
  }

  /** Inner products of the probe with `count` rows; `cosineOf` makes cosines of them. */
  dots(address: number, count: number, out: number): Int32Array {
    this.kernel.dots(address, count, this.stride, this.probe, out);
    return new Int32Array(this.kernel.memory.buffer, out, count);
  }
}

export const cosineOf = (dot: number): number => dot / (LENGTH * LENGTH);
