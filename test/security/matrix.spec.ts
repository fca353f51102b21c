import { randomUUID } from 'node:crypto';
import { SCOPE_NAMES } from '../../src/common/security/scopes.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { ask, fill, resolve, routesOf, type Answer, type Route } from './routes.js';

/** Open to everybody: a route that joins them is a decision, and is written down here. */
const PUBLIC = new Set([
  'GET /',
  'GET /health/live',
  'GET /metrics',
  'POST /auth/email/resend',
  'POST /auth/invitations/accept',
  'POST /auth/login',
  'POST /auth/login/mfa',
  'POST /auth/logout',
  'POST /auth/password/forgot',
  'POST /auth/password/reset',
  'POST /auth/refresh',
  'POST /auth/register',
]);
/** Open to everybody, and to a credential that is good. */
const OPTIONAL = new Set(['POST /auth/email/change/confirm', 'POST /auth/email/verify']);
/** The same; a credential that is not good counts as none. */
const LENIENT = new Set(['GET /health/ready']);
const OPEN: ReadonlySet<string | undefined> = new Set(['public', 'optional', 'lenient']);
/** What ends the account that asks, and needs no body for it. */
const ENDS_CALLER = new Set(['DELETE /users/me']);
/** What a key must never reach, whatever somebody writes above a handler. */
const NO_KEYS = /^\/(auth|users|admin\/(users|roles))(\/|$)/;
/** What an administrator's key sees although it is limited to collections: figures, which name nothing. */
const FIGURES = new Set(['GET /admin/dashboard', 'GET /admin/health']);
/** Public routes that look at a bearer token of their own accord. */
const READS_BEARER = new Set(['POST /auth/logout', 'GET /metrics']);

interface Credential {
  name: string;
  headers: Record<string, string>;
}

describe('route × role × credential', () => {
  let app: TestApp;
  let url: string;
  let routes: Route[];
  let admin: Browser;
  let user: Browser;
  const keys: Record<string, string> = {};
  let dead: Credential[];

  beforeAll(async () => {
    app = await startTestApp();
    url = await app.app.getUrl();
    ({ routes } = await routesOf(app));
    admin = await new Browser(app, app.admin).signedIn();
    user = await Browser.signedUp(app);
    const own = SCOPE_NAMES.filter((scope) => scope !== 'admin:read');
    const make = async (by: Browser, scopes: readonly string[]): Promise<string> => {
      const response = await by.post('/auth/api-keys', { body: { name: 'matrix', scopes } });
      if (response.status !== 201) throw new Error(response.text);
      return response.body.key;
    };
    for (const scope of own) keys[`only ${scope}`] = await make(user, [scope]);
    for (const scope of own)
      keys[`all but ${scope}`] = await make(
        user,
        own.filter((each) => each !== scope),
      );
    keys['all of a user'] = await make(user, own);
    keys['only admin:read'] = await make(admin, ['admin:read']);
    keys['all but admin:read'] = await make(admin, own);
    keys['all of an administrator'] = await make(admin, SCOPE_NAMES);
    const ended = await user.elsewhere();
    const session = (await ended.me()).body.session_id;
    await user.delete(`/auth/sessions/${session}`);
    const revoked = await user.post('/auth/api-keys', { body: { name: 'x', scopes: own } });
    await user.delete(`/auth/api-keys/${revoked.body.id}`);
    const refresh = user.jar.get('refresh_token')?.value ?? '';
    const device = user.jar.get('device')?.value ?? '';
    expect([refresh.length > 20, device.length > 20, user.csrf?.length]).toEqual([
      true,
      true,
      expect.any(Number),
    ]);
    const bearer = (name: string, token: string): Credential => ({
      name,
      headers: { authorization: `Bearer ${token}` },
    });
    dead = [
      { name: 'nothing', headers: {} },
      bearer('garbage', 'x.y.z'),
      bearer('an ended session', ended.token ?? ''),
      bearer('a revoked key', revoked.body.key),
      bearer('a refresh token', refresh),
      bearer('a device token', device),
      bearer('a CSRF token', user.csrf ?? ''),
      { name: 'an access token as a key', headers: { 'x-api-key': user.token ?? '' } },
      {
        name: 'two credentials',
        headers: { 'x-api-key': keys['all of a user'], authorization: `Bearer ${user.token}` },
      },
      {
        name: 'cookies alone',
        headers: {
          cookie: `refresh_token=${refresh}; csrf_token=${user.csrf}`,
          'x-csrf-token': user.csrf ?? '',
        },
      },
      {
        name: 'HTTP Basic',
        headers: {
          authorization: `Basic ${Buffer.from(`${app.admin.email}:${app.admin.password}`).toString('base64')}`,
        },
      },
    ];
  });
  afterAll(() => app?.close());

  /** Without a body: whoever is let in is told that it is wrong, or that nothing has this id. */
  const call = (route: Route, headers: Record<string, string>): Promise<Answer> =>
    ask(`${url}${fill(route.path, () => randomUUID())}`, route.method, headers);
  const withToken = (token: string | undefined): Record<string, string> => ({
    authorization: `Bearer ${token}`,
  });
  const closed = (): Route[] => routes.filter((route) => !OPEN.has(route.access));

  /** All answers that are not as they should be, by name, so that a failure names every one. */
  async function wrong(
    which: readonly Route[],
    headers: Record<string, string>,
    isRight: (response: Answer, route: Route) => boolean,
  ): Promise<string[]> {
    const found: string[] = [];
    for (const route of which) {
      const response = await call(route, headers);
      if (!isRight(response, route))
        found.push(`${route.name}: ${response.status} ${response.body.code ?? ''}`);
    }
    return found;
  }
  const is = (status: number, code: string) => (response: Answer) =>
    response.status === status && response.body.code === code;
  /** Let through by the guards, whatever the handler then says. */
  const passed = (response: Answer): boolean =>
    response.status < 500 &&
    response.status !== 401 &&
    !['key_not_allowed', 'insufficient_scope'].includes(response.body.code ?? '') &&
    !(response.status === 403 && /needs the role/.test(response.body.detail ?? ''));

  test('every route is in the document, and states who may call it', () => {
    expect(routes.length).toBeGreaterThan(40);
    const silent = routes.filter(({ access, roles, scope }) => !access && !roles && !scope);
    expect(silent.map((route) => route.name)).toEqual([]);
    const named = new Set(routes.map((route) => route.name.replaceAll(/\{(\w+)\}/g, ':$1')));
    // Middleware stands at `{/*splat}`: it answers nothing by itself.
    const hidden = registeredRoutes(app).filter((name) => !named.has(name));
    expect(
      hidden.filter((name) => !/^GET \/(docs|openapi\.(json|yaml))|^[A-Z-]+ \{\/\*splat\}$/.test(name)),
    ).toEqual([]);
  });

  test('those that are open to everybody are the ones that are meant to be', () => {
    const names = (access: string): string[] =>
      routes.filter((route) => route.access === access).map((route) => route.name);
    expect(names('public').filter((name) => !PUBLIC.has(name))).toEqual([]);
    expect(names('optional').filter((name) => !OPTIONAL.has(name))).toEqual([]);
    expect(names('lenient').filter((name) => !LENIENT.has(name))).toEqual([]);
  });

  test('administration wants the role, accounts refuse keys, and both are stated', () => {
    const admins = routes.filter((route) => route.path.startsWith('/admin'));
    expect(admins.length).toBeGreaterThan(10);
    expect(admins.filter((route) => !route.roles?.includes('admin')).map((route) => route.name)).toEqual([]);
    expect(
      routes.filter((route) => NO_KEYS.test(route.path) && route.scope).map((route) => route.name),
    ).toEqual([]);
    // A key with admin:read only reads.
    const reading = routes.filter((route) => route.scope === 'admin:read' && route.method !== 'get');
    expect(reading.map((route) => route.name)).toEqual([]);
  });

  test('without a good credential every closed route answers 401, and all alike', async () => {
    for (const { name, headers } of dead) {
      const seen = new Set<string>();
      const found = await wrong(closed(), headers, (response) => {
        seen.add(
          JSON.stringify([response.headers['www-authenticate'], { ...response.body, request_id: null }]),
        );
        return is(401, 'unauthenticated')(response);
      });
      expect([name, found]).toEqual([name, []]);
      expect(seen.size).toBe(1);
    }
  });

  test('open routes do not look at credentials', async () => {
    const open = routes.filter((route) => route.access === 'public' && !READS_BEARER.has(route.name));
    for (const route of open) {
      const plain = await call(route, {});
      for (const headers of [
        withToken('garbage'),
        withToken(user.token),
        { 'x-api-key': keys['all of a user']! },
      ])
        expect([route.name, (await call(route, headers)).status]).toEqual([route.name, plain.status]);
      expect([route.name, plain.body.code]).not.toEqual([route.name, 'unauthenticated']);
    }
    for (const route of routes.filter((each) => each.access === 'lenient'))
      for (const headers of [...dead.map((each) => each.headers), { 'x-api-key': keys['all of a user']! }])
        expect([route.name, [401, 403, 500].includes((await call(route, headers)).status)]).toEqual([
          route.name,
          false,
        ]);
  });

  test('where a credential is optional, one that is not good is refused, and none is not', async () => {
    const optional = routes.filter((route) => route.access === 'optional');
    expect(optional).toHaveLength(2);
    for (const { name, headers } of dead) {
      const anonymous = headers['authorization'] === undefined && headers['x-api-key'] === undefined;
      const isRight = anonymous ? is(400, 'validation_failed') : is(401, 'unauthenticated');
      expect([name, await wrong(optional, headers, isRight)]).toEqual([name, []]);
    }
    const key = { 'x-api-key': keys['all of a user']! };
    expect(await wrong(optional, key, is(403, 'key_not_allowed'))).toEqual([]);
    expect(await wrong(optional, withToken(user.token), is(400, 'validation_failed'))).toEqual([]);
  });

  test('a user reaches everything but what needs a role', async () => {
    const [roles, others] = [
      closed().filter((route) => route.roles),
      closed().filter((route) => !route.roles && !ENDS_CALLER.has(route.name)),
    ];
    expect(await wrong(roles, withToken(user.token), is(403, 'forbidden'))).toEqual([]);
    expect(await wrong(others, withToken(user.token), passed)).toEqual([]);
  });

  test('an administrator reaches everything', async () => {
    const which = closed().filter((route) => !ENDS_CALLER.has(route.name));
    expect(await wrong(which, withToken(admin.token), passed)).toEqual([]);
  });

  test('a key reaches what states a scope that it has, and only as far as its owner does', async () => {
    for (const [name, key] of Object.entries(keys)) {
      const has = (scope: string): boolean =>
        name.startsWith('only ')
          ? name === `only ${scope}`
          : name.startsWith('all but ')
            ? name !== `all but ${scope}` && (scope !== 'admin:read' || name === 'all of an administrator')
            : scope !== 'admin:read' || name === 'all of an administrator';
      const found = await wrong(closed(), withToken(key), (response, route) => {
        if (route.scope === undefined) return is(403, 'key_not_allowed')(response);
        if (!has(route.scope)) return is(403, 'insufficient_scope')(response);
        return passed(response);
      });
      expect([name, found]).toEqual([name, []]);
    }
  });

  test('an administrator’s key that is limited to collections sees figures, and nothing of other collections', async () => {
    const { body: collection } = await admin.post('/collections', { body: { name: 'one of many' } });
    const { body: limited } = await admin.post('/auth/api-keys', {
      body: { name: 'limited', scopes: ['admin:read'], collection_ids: [collection.id] },
    });
    const [figures, others] = [true, false].map((wanted) =>
      closed().filter((route) => route.scope === 'admin:read' && FIGURES.has(route.name) === wanted),
    );
    expect([figures?.length, (others?.length ?? 0) > 5]).toEqual([FIGURES.size, true]);
    expect(await wrong(figures ?? [], withToken(limited.key), ({ status }) => status === 200)).toEqual([]);
    expect(await wrong(others ?? [], withToken(limited.key), is(403, 'key_not_allowed'))).toEqual([]);
  });

  test('each refusal is declared', async () => {
    const undeclared: string[] = [];
    for (const route of closed()) {
      if (!route.statuses.includes('401')) undeclared.push(`${route.name}: 401`);
      if ((route.roles ?? route.scope ?? route.access) && !route.statuses.includes('403'))
        undeclared.push(`${route.name}: 403`);
    }
    expect(undeclared).toEqual([]);
  });

  test('a path that is written in another way reaches nothing more', async () => {
    const headers = withToken(user.token);
    for (const path of [
      '/ADMIN/users',
      '/Admin/Users',
      '//admin/users',
      '/admin//users',
      '/admin/users/',
      '/admin/users/.',
      '/rag/../admin/users',
      '/rag/%2e%2e/admin/users',
      '/admin%2fusers',
      '/%61dmin/users',
      '/admin/users;x=1',
      '/admin/users%00',
      '/admin/users%20',
      '/admin/users.json',
      '/public/../admin/users',
      '/admin/users?_method=GET',
    ]) {
      const response = await app.http().get(path).set(headers).redirects(0);
      expect([path, [400, 403, 404].includes(response.status)]).toEqual([path, true]);
      const anonymous = await app.http().get(path).redirects(0);
      expect([path, [400, 401, 404].includes(anonymous.status)]).toEqual([path, true]);
    }
  });

  test('a method in a header, a query or a form overrides nothing', async () => {
    const made = await user.post('/collections', { body: { name: 'stays' } });
    const path = `/collections/${made.body.id}`;
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override'])
      await app.http().get(path).set(withToken(user.token)).set(name, 'DELETE');
    await app.http().get(`${path}?_method=DELETE`).set(withToken(user.token));
    await app.http().post(path).set(withToken(user.token)).send('_method=DELETE');
    for (const name of ['x-original-url', 'x-rewrite-url', 'x-forwarded-prefix', 'x-forwarded-uri']) {
      const response = await app.http().get('/auth/me').set(withToken(user.token)).set(name, '/admin/users');
      expect(response.body.email).toBe(user.account.email);
    }
    expect((await user.get(path)).status).toBe(200);
  });

  test.each([
    'roles',
    'is_active',
    'email_verified_at',
    'id',
    'created_at',
    'password_hash',
    'owner_id',
    '__proto__',
  ])('no body sets %s', async (field) => {
    const sent = (body: object): string => `${JSON.stringify(body).slice(0, -1)},"${field}":["admin"]}`;
    const email = `x${randomUUID()}@example.com`;
    const answers = [
      await user.post('/auth/register', {
        body: sent({ email, password: 'a lantern over the harbour' }),
        anonymous: true,
      }),
      await user.post('/auth/login', { body: sent(user.account), bearer: null }),
      await user.post('/auth/api-keys', { body: sent({ name: 'x', scopes: ['rag:query'] }) }),
      await user.post('/collections', { body: sent({ name: 'x' }) }),
      await admin.post('/admin/roles', { body: sent({ name: 'x' }) }),
      await user.patch('/users/me', { body: sent({ full_name: 'x' }) }),
    ];
    // The last one may not be there (404); nothing else may take the field.
    for (const { status } of answers.slice(0, -1)) expect(status).toBe(400);
    expect([400, 404]).toContain(answers.at(-1)?.status);
    expect(await app.source.query('select 1 from users where email = $1', [email])).toEqual([]);
    expect((await user.me()).body.roles).toEqual(['user']);
  });
});

/** Fields that a client must never set: of accounts, of ownership, of time. */
const NOBODYS = [
  'roles',
  'is_active',
  'email_verified_at',
  'created_at',
  'updated_at',
  'password_hash',
  'owner_id',
  'user_id',
];

describe('fields that no client sets', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  test('are refused by name on every route that takes JSON', async () => {
    const admin = await new Browser(app, app.admin).signedIn();
    const url = await app.app.getUrl();
    const { routes, schemas } = await routesOf(app);
    const taking = routes.filter((route) => route.body && !route.multipart);
    expect(taking.length).toBeGreaterThan(30);
    const accepted: string[] = [];
    for (const route of taking) {
      const known = resolve(route.body!, schemas).properties ?? {};
      const fields = NOBODYS.filter((field) => !(field in known));
      const path = fill(route.path, () => randomUUID());
      const answer = await ask(
        `${url}${path}`,
        route.method,
        { authorization: `Bearer ${admin.token}` },
        Object.fromEntries(fields.map((field) => [field, ['admin']])),
      );
      const refused = new Set(
        ((answer.body['errors'] ?? []) as { field: string }[]).map(({ field }) => field),
      );
      for (const field of fields)
        if (answer.status !== 400 || !refused.has(field))
          accepted.push(`${route.name} ${field}: ${answer.status} ${answer.body.code ?? ''}`);
    }
    expect(accepted).toEqual([]);
  });
});

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
}

/** What Express will answer, whatever the document says. */
function registeredRoutes(app: TestApp): string[] {
  const express = app.app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  return express.router.stack.flatMap(({ route }) => {
    if (!route) return [];
    const methods = Object.keys(route.methods).filter((method) => route.methods[method] && method !== '_all');
    return [route.path].flat().flatMap((path) => methods.map((method) => `${method.toUpperCase()} ${path}`));
  });
}
