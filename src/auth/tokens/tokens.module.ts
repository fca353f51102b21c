import { Module } from '@nestjs/common';
import { JwtModule, JwtSecretRequestType, type JwtModuleOptions } from '@nestjs/jwt';
import { AccessKeyRing, ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_TYPE } from './access-key-ring.service.js';
import { AccessTokens, AUDIENCE, ISSUER } from './access-tokens.service.js';
import { CsrfTokens } from './csrf-tokens.service.js';
import { DeviceTokens } from './device-tokens.service.js';
import { RefreshTokens } from './refresh-tokens.service.js';

@Module({ providers: [AccessKeyRing], exports: [AccessKeyRing] })
class KeyRingModule {}

function jwtOptions(ring: AccessKeyRing): JwtModuleOptions {
  return {
    signOptions: {
      algorithm: ACCESS_TOKEN_ALGORITHM,
      issuer: ISSUER,
      audience: AUDIENCE,
      header: { alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: ring.signing.kid },
    },
    verifyOptions: { algorithms: [ACCESS_TOKEN_ALGORITHM], issuer: ISSUER, audience: AUDIENCE },
    secretOrKeyProvider: (use, tokenOrPayload) => {
      if (use === JwtSecretRequestType.SIGN) return ring.signing.key;
      const key = typeof tokenOrPayload === 'string' ? ring.keyFor(tokenOrPayload) : undefined;
      if (!key) throw new Error('not one of our access tokens');
      return key;
    },
  };
}

@Module({
  imports: [
    KeyRingModule,
    JwtModule.registerAsync({ imports: [KeyRingModule], inject: [AccessKeyRing], useFactory: jwtOptions }),
  ],
  providers: [AccessTokens, RefreshTokens, CsrfTokens, DeviceTokens],
  exports: [KeyRingModule, AccessTokens, RefreshTokens, CsrfTokens, DeviceTokens],
})
export class TokensModule {}
