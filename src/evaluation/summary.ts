import type {
  AnswerMetrics,
  EvaluationMetrics,
  EvaluationRow,
  QueryAnswer,
  QueryFigures,
} from './evaluations.types.js';
import { meanOf, percentile, type Quality } from '../common/search/ranking-quality.js';

interface Outcome extends QueryFigures {
  answerable: boolean;
  took_ms: number | null;
  degraded: string[] | null;
  answer: QueryAnswer | null;
}

/** The figures of an evaluation whose queries were all asked. */
export function summarise(
  { answers }: Pick<EvaluationRow, 'answers'>,
  outcomes: readonly Outcome[],
): EvaluationMetrics {
  const times = outcomes.flatMap((outcome) => outcome.took_ms ?? []);
  const at = (p: number): number | null => (times.length > 0 ? percentile(times, p) : null);
  return {
    ...meanOf(outcomes.flatMap((outcome) => figuresOf(outcome) ?? [])),
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    degraded: [...new Set(outcomes.flatMap((outcome) => outcome.degraded ?? []))].sort(),
    answers: answers ? ofAnswers(outcomes) : null,
  };
}

/** Nothing of a query without a relevant document. */
function figuresOf({
  ndcg10,
  recall10,
  recall100,
  mrr10,
}: QueryFigures): Omit<Quality, 'queries'> | undefined {
  if (ndcg10 === null || recall10 === null || recall100 === null || mrr10 === null) return undefined;
  return { ndcg10, recall10, recall100, mrr10 };
}

function ofAnswers(outcomes: readonly Outcome[]): AnswerMetrics {
  const given = outcomes.flatMap(({ answerable, answer }) => (answer ? [{ answerable, ...answer }] : []));
  const [can, cannot] = [given.filter((each) => each.answerable), given.filter((each) => !each.answerable)];
  const sum = (pick: (answer: QueryAnswer) => number): number =>
    given.reduce((total, each) => total + pick(each), 0);
  return {
    answerable: can.length,
    answered: can.filter((each) => each.supported).length,
    unanswerable: cannot.length,
    abstained: cannot.filter((each) => !each.supported).length,
    citations: sum((each) => each.citations),
    verified: sum((each) => each.verified),
  };
}
