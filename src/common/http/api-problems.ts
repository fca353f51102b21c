import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_TABLE, type ErrorCode } from '../errors/error-table.js';

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

  @ApiProperty({
    description: 'Stable code to branch on. Later versions may add some.',
    enum: Object.keys(ERROR_TABLE),
    example: 'not_found',
  })
  code!: string;

  @ApiProperty({
    description: 'Finds the request in the log.',
    example: '0d4c3c9e-5d0c-4a67-8a4a-0f4c6f0b0c52',
  })
  request_id!: string;

  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];
}

/** In front of a code; `describeProblems` makes responses of these. Responses of a handler would replace those of its class. */
export const PROBLEM_MARK = 'x-problem-';

/** Documents problems of a route, beside those that other decorators of it and of its class name. */
export const ApiProblems = (...codes: ErrorCode[]): MethodDecorator & ClassDecorator =>
  applyDecorators(...codes.map((code) => ApiExtension(`${PROBLEM_MARK}${code}`, true)));
