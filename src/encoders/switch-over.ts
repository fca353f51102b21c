/** The change was cancelled, or is another process's by now: there is nothing to do for who worked on it. */
export class SwitchOver extends Error {
  override readonly name = 'SwitchOver';

  constructor() {
    super('The change of the encoder is over.');
  }
}
