/** What a mail says. Plain sentences: nothing in it is markup, in either of its two forms. */
export interface MailText {
  subject: string;
  paragraphs: readonly string[];
  /** Where to go next; always below `PUBLIC_URL`. */
  link?: { label: string; url: string; code: string };
}

/** A mail for one address. */
export interface Mail extends MailText {
  to: string;
  /** Milliseconds since 1970; set when it is queued. */
  writtenAt?: number;
}

export interface MailOptions {
  /** Seconds after which it is worth nothing and is no longer tried. */
  usefulFor: number;
  /** Whose account it tells about; it vanishes with that account. */
  userId?: string;
}

/** A mail as it goes out. */
export interface RenderedMail {
  id: string;
  /** When it was written, however long it then waited. */
  date: Date;
  to: string;
  subject: string;
  text: string;
  html: string;
}
