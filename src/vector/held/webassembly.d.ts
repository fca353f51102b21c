/** What is used of WebAssembly; the types of Node do not name it. */
declare namespace WebAssembly {
  class Module {
    constructor(code: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: object;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    /** Pages of 64 KiB. */
    grow(pages: number): number;
  }
}
