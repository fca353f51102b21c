/** What an answer says when the passages do not hold it. */
export const NO_ANSWER_TEXT = 'The documents do not answer this question.';
