import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiProblems } from '../common/http/api-problems.js';
import { Idempotent } from '../common/http/idempotency.js';
import { PageQuery } from '../common/http/page.js';
import { TakesForm } from '../common/http/media-type.guard.js';
import { RateLimited } from '../common/http/rate-limit.js';
import { endWhenStalled } from '../common/http/stalled.js';
import { IdParam } from '../common/http/uuid-param.js';
import { AdminMayPass, KeyScope } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { ChunkDto, ChunkPageDto } from './chunks.dto.js';
import {
  DocumentDto,
  DocumentPageDto,
  ListDocumentsQuery,
  RemoveByDocIdQuery,
  RemovedDocumentDto,
} from './documents.dto.js';
import { DocumentsService } from './documents.service.js';
import { AcceptedDocumentDto, AcceptedDocumentsDto, UploadDto, UploadFormDto } from './intake/uploads.dto.js';
import { UploadInterceptor, type UploadRequest } from './intake/upload.interceptor.js';
import { UploadsService } from './intake/uploads.service.js';

@ApiTags('Documents')
@ApiProblems('unauthenticated', 'validation_failed', 'too_many_requests')
@AdminMayPass()
@Controller('documents')
export class DocumentsController {
  constructor(
    private readonly documents: DocumentsService,
    private readonly uploads: UploadsService,
  ) {}

  @Post()
  @KeyScope('documents:write')
  @HttpCode(202)
  @RateLimited('expensive')
  @Idempotent()
  @UseInterceptors(UploadInterceptor)
  @ApiOperation({
    summary: 'Upload files',
    description:
      'Stored before it answers; read in the background. Follow `status` until `ready` or `failed`.',
  })
  @TakesForm()
  @ApiBody({ type: UploadFormDto })
  @ApiAcceptedResponse({ type: AcceptedDocumentsDto })
  @ApiProblems(
    'not_found',
    'forbidden',
    'conflict',
    'payload_too_large',
    'quota_exceeded',
    'unsupported_media_type',
    'insufficient_storage',
    'file_store_unavailable',
  )
  async upload(
    @CurrentUser() user: AuthUser,
    @Req() request: UploadRequest,
    @Body() body: UploadDto,
  ): Promise<AcceptedDocumentsDto> {
    const accepted = await this.uploads.accept(user, request.uploads, body);
    return { documents: accepted.map((each) => AcceptedDocumentDto.accepted(each)) };
  }

  @Get()
  @KeyScope('documents:read')
  @ApiOperation({
    summary: 'List the documents that you may read',
    description:
      'The oldest first, unless `sort` and `order` say otherwise. All conditions have to be met; a cursor is good for the conditions and the order that it came with. What is ordered by `updated_at` moves while it is worked on.',
  })
  @ApiOkResponse({ type: DocumentPageDto })
  @ApiProblems('not_found')
  async list(@CurrentUser() user: AuthUser, @Query() query: ListDocumentsQuery): Promise<DocumentPageDto> {
    const page = await this.documents.page(user, query);
    return { ...page, items: page.items.map((row) => DocumentDto.of(row)) };
  }

  @Delete()
  @KeyScope('documents:write')
  @HttpCode(202)
  @ApiOperation({ summary: 'Delete a document by its doc_id' })
  @ApiAcceptedResponse({ type: RemovedDocumentDto })
  @ApiProblems('not_found', 'forbidden')
  async removeByDocId(
    @CurrentUser() user: AuthUser,
    @Query() query: RemoveByDocIdQuery,
  ): Promise<RemovedDocumentDto> {
    const id = await this.documents.removeByExternalId(user, query.collection_id, query.doc_id);
    return { id, status: 'deleting' };
  }

  @Get(':id')
  @KeyScope('documents:read')
  @ApiOperation({ summary: 'Show a document and how far it is' })
  @ApiOkResponse({ type: DocumentDto })
  @ApiProblems('not_found')
  async get(@CurrentUser() user: AuthUser, @IdParam('id', 'document') id: string): Promise<DocumentDto> {
    return DocumentDto.of(await this.documents.get(user, id));
  }

  @Get(':id/chunks')
  @KeyScope('documents:read')
  @ApiOperation({ summary: 'List the passages of a document' })
  @ApiOkResponse({ type: ChunkPageDto })
  @ApiProblems('not_found')
  async chunks(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'document') id: string,
    @Query() query: PageQuery,
  ): Promise<ChunkPageDto> {
    const page = await this.documents.chunks(user, id, query);
    return { ...page, items: page.items.map((row) => ChunkDto.of(row)) };
  }

  @Get(':id/text')
  @KeyScope('documents:read')
  @ApiOperation({ summary: 'The text that citations point into' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('not_found')
  async text(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'document') id: string,
    @Res() response: Response,
  ): Promise<void> {
    const text = await this.documents.text(user, id);
    response.type('text/plain; charset=utf-8').send(text);
  }

  @Get(':id/content')
  @KeyScope('documents:read')
  @ApiOperation({
    summary: 'Download the original bytes',
    description:
      'Of the version that answers, as text and passages are: while another file waits to take its place, or could not be read, that is the one before. Of the uploaded file where none answers yet.',
  })
  @ApiProduces('*/*')
  @ApiOkResponse({
    description: 'With the type that was found in the file, and its name in `Content-Disposition`.',
    content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems('not_found')
  async content(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'document') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const { name, mime, bytes, content } = await this.documents.content(user, id);
    // Whatever was uploaded must never run in a page of this origin.
    response.attachment(name);
    endWhenStalled(response);
    response.setHeader(
      'Content-Security-Policy',
      "sandbox; default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    );
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const type = /^[\w.+-]+\/[\w.+-]+$/.test(mime) ? mime : 'application/octet-stream';
    const file =
      typeof content === 'string'
        ? new StreamableFile(Buffer.from(content, 'utf8'), { type })
        : new StreamableFile(content, { type, length: bytes });
    return file;
  }

  @Post(':id/retry')
  @KeyScope('documents:write')
  @HttpCode(202)
  @ApiOperation({ summary: 'Read a failed document again' })
  @ApiAcceptedResponse({ type: DocumentDto })
  @ApiProblems('not_found', 'forbidden', 'conflict')
  async retry(@CurrentUser() user: AuthUser, @IdParam('id', 'document') id: string): Promise<DocumentDto> {
    return DocumentDto.of(await this.uploads.retry(user, id));
  }

  @Post(':id/cancel')
  @KeyScope('documents:write')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Stop reading a document',
    description:
      'It becomes `failed` with the code `document_cancelled`; a version that it replaces keeps answering.',
  })
  @ApiAcceptedResponse({ type: DocumentDto })
  @ApiProblems('not_found', 'forbidden', 'conflict')
  async cancel(@CurrentUser() user: AuthUser, @IdParam('id', 'document') id: string): Promise<DocumentDto> {
    return DocumentDto.of(await this.uploads.cancel(user, id));
  }

  @Delete(':id')
  @KeyScope('documents:write')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Delete a document',
    description: 'Hidden from every query at once; its bytes and vectors are removed in the background.',
  })
  @ApiAcceptedResponse({ type: RemovedDocumentDto })
  @ApiProblems('not_found', 'forbidden')
  async remove(
    @CurrentUser() user: AuthUser,
    @IdParam('id', 'document') id: string,
  ): Promise<RemovedDocumentDto> {
    await this.documents.remove(user, id);
    return { id, status: 'deleting' };
  }
}
