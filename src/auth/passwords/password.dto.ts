import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, MaxLength } from 'class-validator';
import { IsText } from '../../common/http/validators.js';

export const PASSWORD_FIELD = {
  maxLength: 1024,
  format: 'password',
  example: 'a lantern over the quiet harbour',
} as const;

export const NEW_PASSWORD =
  'At least `PASSWORD_MIN_LENGTH` (15) characters, at most 1,024 bytes. A sentence is fine; passwords that ' +
  'attackers try first, repetitions, and those made of your own names are refused with a reason.';

export class ChangePasswordDto {
  @ApiProperty({ ...PASSWORD_FIELD, description: 'The present password.' })
  @IsText()
  @IsNotEmpty()
  @MaxLength(1024)
  current_password!: string;

  @ApiProperty({ ...PASSWORD_FIELD, example: 'seven grey herons by the weir', description: NEW_PASSWORD })
  @IsText()
  @MaxLength(1024)
  new_password!: string;
}
