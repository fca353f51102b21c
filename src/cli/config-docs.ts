import { VARIABLES } from '../config/variables.js';
import type { Variable } from '../config/variable.js';
import { writeOrCheck } from './generated-files.js';
import { runCommand } from './run-command.js';

const COMMENT_WIDTH = 110;
const COMMAND = 'npm run config:docs';

function byGroup(): Map<string, Variable<unknown>[]> {
  const groups = new Map<string, Variable<unknown>[]>();
  for (const variable of Object.values<Variable<unknown>>(VARIABLES)) {
    const group = groups.get(variable.group) ?? [];
    groups.set(variable.group, [...group, variable]);
  }
  return groups;
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

const plain = (text: string): string => text.replaceAll('`', '');

/** A default that can stand as a value; others are described in words. */
const isLiteral = ({ defaultText }: Variable<unknown>): boolean => /^[^` ]+$/.test(defaultText);

function envLines(variable: Variable<unknown>): string[] {
  const comment = wrap(plain(variable.description), COMMENT_WIDTH).map((line) => `# ${line}`);
  const literal = isLiteral(variable);
  if (!literal && variable.defaultText) comment.push(`# Default: ${plain(variable.defaultText)}`);
  return [...comment, `#${variable.env}=${literal ? variable.defaultText : ''}`, ''];
}

function envExample(): string {
  const lines = [
    `# Generated from src/config/variables.ts by "${COMMAND}". Copy to .env and set what you need:`,
    '# Docker Compose passes all of .env on but what docker-compose.yml fixes (addresses and folders in the container); a',
    '# plain start reads the environment ("node --env-file=.env dist/main.js").',
    '# Every variable may also come from a file that the same name with _FILE behind it points to.',
    '',
  ];
  for (const [group, variables] of byGroup()) lines.push(`## ${group}`, '', ...variables.flatMap(envLines));
  return `${lines.join('\n').trimEnd()}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function defaultCell(variable: Variable<unknown>): string {
  const { defaultText } = variable;
  if (!defaultText) return 'unset';
  return isLiteral(variable) ? `\`${defaultText}\`` : defaultText;
}

function row(variable: Variable<unknown>): string {
  const secret = variable.secret ? ' *(secret)*' : '';
  return `| \`${variable.env}\` | ${cell(defaultCell(variable))} | ${cell(variable.description)}${secret} |`;
}

function configurationPage(): string {
  const lines = [
    '# Configuration',
    '',
    `<!-- Generated from src/config/variables.ts by "${COMMAND}"; do not edit. -->`,
    '',
    'All configuration comes from environment variables, read once and checked at start. A value that is not',
    'accepted, or an unsafe one in strict mode, ends the start with one line that names the variable and exit code 78.',
    'An empty variable counts as unset. Every variable may also come from a file: `JWT_SECRET_FILE=/run/secrets/jwt`',
    'reads `JWT_SECRET` from that file.',
    '',
    '**Strict mode** is on with `NODE_ENV=production`, with `DATABASE_URL`, or with a `HOST` that is not loopback. It',
    'requires the secrets, closes registration unless it is opened, and makes cookies secure.',
    '',
  ];
  for (const [group, variables] of byGroup())
    lines.push(
      `## ${group}`,
      '',
      '| variable | default | meaning |',
      '|---|---|---|',
      ...variables.map(row),
      '',
    );
  return `${lines.join('\n').trimEnd()}\n`;
}

await runCommand(async () =>
  writeOrCheck(
    [
      { path: '.env.example', content: envExample() },
      { path: 'docs/configuration.md', content: configurationPage() },
    ],
    COMMAND,
  ),
);
