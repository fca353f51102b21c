/** Content words of a text as the word index has them: stems, without the stop words of its language, by default English. */
export type Analyse = (text: string, language?: string) => readonly string[];
