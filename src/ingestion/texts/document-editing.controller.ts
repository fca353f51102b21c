import { Body, Controller, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { MaxLength } from 'class-validator';
import { ApiProblems } from '../../common/http/api-problems.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { IdParam } from '../../common/http/uuid-param.js';
import { IsChange, IsMetadata, IsNotBlank, IsText } from '../../common/http/validators.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { DocumentDto } from '../../documents/documents.dto.js';
import type { Metadata } from '../../documents/documents.types.js';
import { DocumentEditing } from './document-editing.service.js';

export class EditDocumentDto {
  @ApiPropertyOptional({ example: 'Operating manual, revised', maxLength: 1000 })
  @IsChange()
  @IsText()
  @IsNotBlank()
  @MaxLength(1000)
  title?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { kind: 'manual', year: 2026 },
    description: 'Takes the place of all metadata that the document has, and that the files in it have.',
  })
  @IsChange()
  @IsMetadata()
  metadata?: Metadata;
}

@ApiTags('Documents')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests')
@RateLimited('expensive')
@AdminMayPass()
@Controller('documents')
export class DocumentEditingController {
  constructor(private readonly editing: DocumentEditing) {}

  @Patch(':id')
  @KeyScope('documents:write')
  @ApiOperation({
    summary: 'Change title or metadata',
    description:
      'Metadata counts at once. A title is a part of what is found: a text is indexed under it before this answers, ' +
      'a file is read again, and answers under its old title until it is `ready`. Where the file that was to take the ' +
      'place of another could not be read, the one that answers gets the title, and stays.',
  })
  @ApiOkResponse({ type: DocumentDto })
  @ApiProblems('not_found', 'forbidden', 'conflict', 'quota_exceeded', 'insufficient_storage')
  async edit(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'document') id: string,
    @Body() body: EditDocumentDto,
  ): Promise<DocumentDto> {
    return DocumentDto.of(await this.editing.edit(user, id, body));
  }
}
