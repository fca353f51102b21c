/** A model that could not be fetched, read or accepted; the message is one line for the person who wants it. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
