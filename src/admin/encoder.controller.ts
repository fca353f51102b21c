import { Body, Controller, Delete, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/http/api-problems.js';
import { IdParam } from '../common/http/uuid-param.js';
import { Roles } from '../common/security/access.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { CurrentUser } from '../common/security/current-user.js';
import { EncoderSwitches } from '../encoders/encoder-switches.service.js';
import { ChangeEncoderDto, EncoderSwitchDto } from './encoder.dto.js';

@ApiTags('Admin')
@ApiProblems('unauthenticated', 'too_many_requests')
@Roles('admin')
@Controller('admin/index')
export class EncoderController {
  constructor(private readonly switches: EncoderSwitches) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Change the encoder',
    description:
      'Builds a second vector index beside the one that answers, compares both on the sample if there is one, and has the new one answer in one step. Documents can be added, replaced and removed, and queries asked, throughout. `GET /admin/index` shows how far it is; a crash of any process only delays it.',
  })
  @ApiAcceptedResponse({ type: EncoderSwitchDto })
  @ApiProblems(
    'validation_failed',
    'unknown_encoder',
    'not_found',
    'encoder_in_use',
    'encoder_not_installed',
    'encoder_switch_running',
    'conflict',
    'vector_store_unavailable',
  )
  async change(@CurrentUser() user: AuthUser, @Body() body: ChangeEncoderDto): Promise<EncoderSwitchDto> {
    return EncoderSwitchDto.of(await this.switches.start(user, ChangeEncoderDto.toRequest(body)));
  }

  @Post('activate')
  @HttpCode(202)
  @ApiOperation({ summary: 'Have the index answer that was built and waits for it' })
  @ApiAcceptedResponse({ type: EncoderSwitchDto })
  @ApiProblems('no_encoder_switch')
  async activate(@CurrentUser() user: AuthUser): Promise<EncoderSwitchDto> {
    return EncoderSwitchDto.of(await this.switches.activate(user));
  }

  @Post('rollback')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Go back to the encoder before',
    description:
      'As long as its index is kept. It is given what came since, which takes moments where that is little, and then answers in one step.',
  })
  @ApiAcceptedResponse({ type: EncoderSwitchDto })
  @ApiProblems('no_previous_encoder', 'encoder_not_installed', 'encoder_switch_running')
  async rollback(@CurrentUser() user: AuthUser): Promise<EncoderSwitchDto> {
    return EncoderSwitchDto.of(await this.switches.rollback(user));
  }

  @Post('cancel')
  @HttpCode(202)
  @ApiOperation({
    summary: 'End the change that is under way',
    description: 'What answers stays as it is; what was built is removed.',
  })
  @ApiAcceptedResponse({ type: EncoderSwitchDto })
  @ApiProblems('no_encoder_switch')
  async cancel(@CurrentUser() user: AuthUser): Promise<EncoderSwitchDto> {
    return EncoderSwitchDto.of(await this.switches.cancel(user));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove an index that answers no more',
    description: 'One cannot go back to it then.',
  })
  @ApiNoContentResponse()
  @ApiProblems('not_found', 'encoder_in_use', 'vector_store_unavailable')
  async remove(@CurrentUser() user: AuthUser, @IdParam('id', 'index') id: string): Promise<void> {
    await this.switches.remove(user, id);
  }
}
