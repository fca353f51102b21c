// Checks the imports against dependency-rules.mjs. A checker that saw nothing must not look like a clean tree.
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import rules from '../dependency-rules.mjs';

const { options, ...ruleSet } = rules;
const { output } = await cruise(
  ['src', 'migrations', 'test'],
  { ...options, ruleSet, validate: true },
  undefined,
  { tsConfig: extractTSConfig(options.tsConfig.fileName) },
);
const { violations, totalCruised } = output.summary;
const own = output.modules.filter(({ source }) => source.startsWith('src/')).length;
if (own === 0) {
  console.error('dependency check: no module of src was seen, so nothing was checked');
  process.exit(1);
}
for (const { rule, from, to, cycle } of violations) {
  const way = cycle?.length ? cycle.map(({ name }) => name).join(' → ') : to;
  console.error(`${rule.name}: ${from}${way === from ? '' : ` → ${way}`}`);
}
console.log(
  `dependency check: ${own} source modules, ${totalCruised} in all, ${violations.length} violations`,
);
if (violations.length > 0) process.exit(1);
