/** What is ranked: whole documents or single passages. */
export type Level = 'chunk' | 'document';
