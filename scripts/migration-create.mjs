// npm run migration:create -- AddThing: a skeleton that sorts behind every migration there is.
import fs from 'node:fs';
import path from 'node:path';

const [name, ...rest] = process.argv.slice(2);
if (!name || rest.length > 0 || !/^([A-Z][a-z0-9]*){2,}$/.test(name)) {
  console.error('usage: npm run migration:create -- AddThing (a verb and what it is done to, in PascalCase)');
  process.exit(64);
}
const folder = path.resolve(import.meta.dirname, '../migrations');
const present = fs.readdirSync(folder).filter((file) => /^\d{14}-\w+\.ts$/.test(file));
if (present.some((file) => file.endsWith(`-${name}.ts`))) {
  console.error(`there is a migration ${name} already`);
  process.exit(1);
}
const last = present
  .map((file) => file.slice(0, 14))
  .sort()
  .at(-1);
const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const timestamp = last && last >= now ? String(BigInt(last) + 1n) : now;
const className = `${name}${timestamp}`;
const file = path.join(folder, `${timestamp}-${name}.ts`);
fs.writeFileSync(
  file,
  `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  name = '${className}';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(\`\`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(\`\`);
  }
}
`,
  { flag: 'wx' },
);
console.log(`made ${path.relative(process.cwd(), file)}: name every constraint, and write down() too`);
