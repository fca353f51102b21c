/** Beyond this nothing more is read until some of it was published. */
const MOST_CHARACTERS = 8_000_000;

/** Bounds what was read and is not published yet, whatever is uploaded: by one text more for each that is being read. */
export class HeldText {
  private characters = 0;
  private readonly waiting: (() => void)[] = [];

  /** Resolves when there is room for another text; whoever waits first goes first. */
  async room(): Promise<void> {
    while (this.characters > MOST_CHARACTERS)
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
  }

  /** Counts a text until the function that it returns is called. */
  hold(characters: number): () => void {
    this.characters += characters;
    return () => {
      this.characters -= characters;
      for (const next of this.waiting.splice(0)) next();
    };
  }
}
