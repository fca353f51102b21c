import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemDto } from './common/http/api-problems.js';
import { describeExamples } from './common/http/describe-examples.js';
import { describeProblems } from './common/http/describe-problems.js';
import type { Settings } from './config/settings.js';

const DESCRIPTION = `Users sign in, add documents, ask questions, and get answers that cite the exact passages, drawn only
from what they may read. Sign in with POST /auth/login, press Authorize and paste the access_token. Errors are problem
details (RFC 9457) with a stable \`code\`.`;

/** The OpenAPI document of the assembled application. */
export function buildOpenApi(app: NestExpressApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('AI Backend')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'Access token, or API key' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'API key' }, 'apiKey')
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [ProblemDto],
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return describeExamples(describeProblems(document));
}

/** Serves `/docs` and `/openapi.json`. The document is built at the first request, not at every boot. */
export function setupOpenApi(app: NestExpressApplication, settings: Settings): void {
  if (!settings.openapiUi) return;
  let document: OpenAPIObject | undefined;
  SwaggerModule.setup('docs', app, () => (document ??= buildOpenApi(app, settings.packageVersion)), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'AI Backend',
    swaggerOptions: { persistAuthorization: false },
  });
}
