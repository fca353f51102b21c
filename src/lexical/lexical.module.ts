import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { CommitWatch } from '../database/commit-watch.js';
import { PgTextsearchLexicalIndex } from './adapters/pg-textsearch/pg-textsearch.adapter.js';
import { SegmentsLexicalIndex } from './adapters/segments/segments.adapter.js';
import { LexicalIndex } from './lexical-index.port.js';
import { LexicalService } from './lexical.service.js';

@Module({
  providers: [
    LexicalService,
    {
      provide: LexicalIndex,
      inject: [Settings, DataSource, CommitWatch],
      useFactory: (settings: Settings, dataSource: DataSource, watch: CommitWatch): LexicalIndex =>
        settings.lexicalIndex === 'pg_textsearch'
          ? new PgTextsearchLexicalIndex(dataSource)
          : new SegmentsLexicalIndex(dataSource, watch),
    },
  ],
  exports: [LexicalService],
})
export class LexicalModule {}
