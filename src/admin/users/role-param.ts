import { Param, type PipeTransform } from '@nestjs/common';
import { notFound } from '../../common/errors/app-error.js';
import { ROLE_NAME } from './users.dto.js';

class PossibleRole implements PipeTransform<string, string> {
  transform(value: string): string {
    // What cannot be a name does not exist: the same 404 as for a name that no role has.
    if (!ROLE_NAME.test(value)) throw notFound('role');
    return value;
  }
}

export const RoleParam = (): ParameterDecorator => Param('role', new PossibleRole());
