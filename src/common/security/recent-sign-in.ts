import { SetMetadata, applyDecorators, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.js';

const RECENT = 'recent-sign-in';

/**
 * For changes with which a stolen session could be made to last: only for whoever showed password and second factor
 * a short while ago (`RECENT_SIGN_IN`), at sign-in or at `POST /auth/reauthenticate`. Never for an API key.
 */
export const RecentSignIn = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(RECENT, true),
    ApiExtension('x-recent-sign-in', true),
    ApiProblems('recent_sign_in_required', 'key_not_allowed'),
  );

export const needsRecentSignIn = (reflector: Reflector, context: ExecutionContext): boolean =>
  reflector.getAllAndOverride<boolean | undefined>(RECENT, [context.getHandler(), context.getClass()]) ??
  false;
