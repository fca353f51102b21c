/** Holds the beginning of an answer back until it is clear that it is not the word for "no answer". */
export class Opening {
  denied = false;
  private held: string | null = '';

  constructor(private readonly denial: string) {}

  push(text: string): string {
    if (this.denied) return '';
    if (this.held === null) return text;
    this.held += text;
    const start = this.held.replace(/^[\s"'`*]+/, '');
    if (start.startsWith(this.denial)) {
      this.denied = true;
      return '';
    }
    return this.denial.startsWith(start) ? '' : this.end();
  }

  end(): string {
    const held = this.held ?? '';
    this.held = null;
    return held;
  }
}
