import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import { IndexHead } from '../database/index-head.js';
import { PgTextsearchLexicalIndex } from './adapters/pg-textsearch/pg-textsearch.adapter.js';
import { SegmentsLexicalIndex } from './adapters/segments/segments.adapter.js';
import { LexicalIndex } from './lexical-index.port.js';
import { LexicalService } from './lexical.service.js';

@Module({
  providers: [
    LexicalService,
    {
      provide: LexicalIndex,
      inject: [Settings, DataSource, IndexHead],
      useFactory: (settings: Settings, dataSource: DataSource, head: IndexHead): LexicalIndex =>
        settings.lexicalIndex === 'pg_textsearch'
          ? new PgTextsearchLexicalIndex(dataSource)
          : new SegmentsLexicalIndex(dataSource, head, !settings.embedded),
    },
  ],
  exports: [LexicalService],
})
export class LexicalModule {}
