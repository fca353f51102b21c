import type { Equivalent } from './equivalents.js';

const RUN = /\p{Script=Han}{2,64}/gu;
/** Joins what is named. */
const PARTICLE = /[的之]/u;
const MOST = 16;

/**
 * Words of Chinese depend on what stands behind them: 出租人 is 出租 and 人, and 出租人为 is 出租 and 人为. What a question names
 * in one run of characters is named where that run stands, however it is cut there.
 * @param asked the question without the words that ask, and once more without the little ones, which stand in others: 会 in 会计
 */
export function hanRunsOf(asked: readonly string[], terms: ReadonlySet<string>): Equivalent[] {
  const runs = asked.flatMap((text) => text.match(RUN) ?? []).flatMap((run) => run.split(PARTICLE));
  return [...new Set(runs)].slice(0, MOST).flatMap((run): Equivalent[] => {
    const named = run.length > 1 ? [...terms].filter((term) => run.includes(term)) : [];
    return named.length === 0 ? [] : [{ terms: named, held: (text) => text.includes(run) }];
  });
}
