import { Injectable } from '@nestjs/common';
import { Upkeep } from '../common/upkeep.js';
import { Settings } from '../config/settings.js';
import { AnswersRepository } from './answers.repository.js';

/** Of each user; a program that asks all day must not fill the database. */
const MOST_ANSWERS = 10_000;

/** Forgets answers after `ANSWER_RETENTION`. */
@Injectable()
export class AnswerCleanup extends Upkeep {
  constructor(
    private readonly settings: Settings,
    private readonly repository: AnswersRepository,
  ) {
    super();
  }

  protected tidy(): Promise<void> {
    return this.repository.purge(this.settings.answerRetention, MOST_ANSWERS);
  }
}
