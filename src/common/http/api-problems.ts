import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ERROR_TABLE, type ErrorCode } from '../errors/error-table.js';
import { PROBLEM_TYPE } from './problem.js';

export class FieldErrorDto {
  @ApiProperty({ example: 'documents.0.text' })
  field!: string;

  @ApiProperty({ example: 'isText' })
  code!: string;

  @ApiProperty({ example: 'text must be text without NUL characters or lone surrogates' })
  detail!: string;
}

export class ProblemDto {
  @ApiProperty({ example: 'urn:ai-backend:problem:not_found' })
  type!: string;

  @ApiProperty({ example: 'Not found' })
  title!: string;

  @ApiProperty({ example: 404 })
  status!: number;

  @ApiProperty({ example: 'There is no such document.' })
  detail!: string;

  @ApiProperty({ description: 'Stable code to branch on.', example: 'not_found' })
  code!: string;

  @ApiProperty({
    description: 'Finds the request in the log.',
    example: '0d4c3c9e-5d0c-4a67-8a4a-0f4c6f0b0c52',
  })
  request_id!: string;

  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];
}

/** Documents the problems of a route, one response for each status. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_TABLE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ...[...byStatus].map(([status, same]) =>
      ApiResponse({
        status,
        description: same.map((code) => `\`${code}\`: ${ERROR_TABLE[code].title}`).join('; '),
        content: { [PROBLEM_TYPE]: { schema: { $ref: getSchemaPath(ProblemDto) } } },
      }),
    ),
  );
}
