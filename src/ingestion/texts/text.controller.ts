import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../common/http/api-problems.js';
import { Idempotent } from '../../common/http/idempotency.js';
import { RateLimited } from '../../common/http/rate-limit.js';
import { AdminMayPass, KeyScope } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { CurrentUser } from '../../common/security/current-user.js';
import { TextIngestionService } from './text-ingestion.service.js';
import { AddDocumentDto, AddDocumentsDto, AddedDocumentDto, AddedDocumentsDto } from './text.dto.js';

const DEFAULT_WAIT_MS = 10_000;

/** The original API's writing routes. */
@ApiTags('RAG')
@ApiProblems(
  'unauthenticated',
  'validation_failed',
  'not_found',
  'forbidden',
  'conflict',
  'payload_too_large',
  'quota_exceeded',
  'insufficient_storage',
  'too_many_requests',
)
@RateLimited('expensive')
@KeyScope('documents:write')
@AdminMayPass()
@Controller('rag')
export class TextController {
  constructor(private readonly texts: TextIngestionService) {}

  @Post('add_document')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Add or replace a text',
    description: 'Durable and found by words when it answers; waits for its vectors up to wait_ms.',
  })
  @ApiOkResponse({ type: AddedDocumentDto })
  async addDocument(@CurrentUser() user: AuthUser, @Body() body: AddDocumentDto): Promise<AddedDocumentDto> {
    const input = {
      externalId: body.doc_id,
      text: body.text,
      title: body.title ?? null,
      metadata: body.metadata ?? {},
    };
    const [added] = await this.texts.add(user, [input], {
      collectionId: body.collection_id,
      waitMs: body.wait_ms ?? DEFAULT_WAIT_MS,
    });
    return {
      status: 'added',
      id: body.doc_id,
      document_id: added?.documentId ?? '',
      indexed: added?.indexed ?? 'lexical',
    };
  }

  @Post('add_documents')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'Add or replace up to 1,000 texts, all or none' })
  @ApiOkResponse({ type: AddedDocumentsDto })
  @ApiProblems('duplicate_doc_id')
  async addDocuments(
    @CurrentUser() user: AuthUser,
    @Body() body: AddDocumentsDto,
  ): Promise<AddedDocumentsDto> {
    const inputs = body.documents.map((d) => ({
      externalId: d.doc_id ?? d.id ?? '',
      text: d.text,
      title: d.title ?? null,
      metadata: d.metadata ?? {},
    }));
    const added = await this.texts.add(user, inputs, {
      collectionId: body.collection_id,
      waitMs: body.wait_ms ?? 0,
    });
    return {
      status: 'ok',
      added: added.length,
      results: added.map((a) => ({ id: a.externalId, document_id: a.documentId, indexed: a.indexed })),
    };
  }
}
