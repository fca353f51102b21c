import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

// What the first version of this API promised, test by test. docs/decisions/0002-sessions-and-csrf.md says where
// the rules became stricter: passwords are longer, and refresh and logout by cookie need the CSRF header.
describe('the original API', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app, { username: 'ada', full_name: 'Ada Lovelace' });
  });
  afterAll(() => app?.close());

  const admin = (): Promise<Browser> => new Browser(app, app.admin).signedIn();

  test('register gives 201', async () => {
    const browser = new Browser(app);
    const response = await browser.register({ username: 'grace', full_name: 'Grace Hopper' });
    expect(response.status).toBe(201);
    expect(response.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      email: browser.account.email,
      username: 'grace',
      full_name: 'Grace Hopper',
      roles: ['user'],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  test('login with the right password gives 200 with access_token and cookies', async () => {
    const browser = new Browser(app, user.account);
    const response = await browser.login();
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 900,
      csrf_token: expect.any(String),
      user: { id: expect.any(String), email: user.account.email, username: 'ada', roles: ['user'] },
    });
    expect([...browser.jar.keys()].sort()).toEqual(['csrf_token', 'device', 'refresh_token']);
  });

  test('login with a wrong password gives 401', async () => {
    const response = await new Browser(app, user.account).login({ password: 'not the password at all' });
    expect(response.status).toBe(401);
    expect(response.body.code).toBe('invalid_credentials');
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  test('/rag/secure-info without a token gives 401, with a token 200', async () => {
    expect((await user.get('/rag/secure-info', { anonymous: true })).status).toBe(401);
    const response = await user.get('/rag/secure-info');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ message: 'Access granted!', user: 'ada' });
  });

  test('refresh by cookie and CSRF header gives a new access token and a new cookie', async () => {
    const browser = await user.elsewhere();
    const before = { token: browser.token, cookie: browser.cookies()['refresh_token'] };
    const response = await browser.refresh();
    expect(response.status).toBe(200);
    expect(response.body.access_token).not.toBe(before.token);
    expect(browser.cookies()['refresh_token']).not.toBe(before.cookie);
    expect((await browser.me()).status).toBe(200);
  });

  test('logout gives logged_out, and the old refresh token then gives 401', async () => {
    const browser = await user.elsewhere();
    const cookies = browser.cookies();
    const { csrf } = browser;
    const response = await browser.post('/auth/logout');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ status: 'logged_out' });
    expect((await browser.refresh({ cookies, csrf: csrf ?? null })).status).toBe(401);
  });

  test('devices A and B: revoking A leaves B', async () => {
    const a = await user.elsewhere({ device_id: 'device-a' });
    const b = await user.elsewhere({ device_id: 'device-b' });
    const sessions = (await b.get('/auth/sessions')).body.items as { id: string; device_id: string }[];
    const ofA = sessions.find((session) => session.device_id === 'device-a');
    expect((await b.delete(`/auth/sessions/${ofA?.id}`)).status).toBe(204);
    expect((await a.refresh()).status).toBe(401);
    expect((await a.me()).status).toBe(401);
    expect((await b.refresh()).status).toBe(200);
  });

  test('/admin/dashboard gives 200 for an admin and 403 for a user', async () => {
    expect((await (await admin()).get('/admin/dashboard')).status).toBe(200);
    expect((await user.get('/admin/dashboard')).status).toBe(403);
  });

  test('add a document, query it, ask about it', async () => {
    const text =
      'The lighthouse of Norrvik was built in 1874. Its lamp was converted to electricity in 1931.';
    const added = await user.post('/rag/add_document', { body: { doc_id: 'norrvik', text } });
    expect(added.body).toMatchObject({ status: 'added', id: 'norrvik' });
    const query = await user.post('/rag/rag_query', {
      body: { query: 'When was the lighthouse built?', n_results: 1 },
    });
    expect(query.body.results).toHaveLength(1);
    expect(query.body.results[0]).toMatchObject({ id: 'norrvik', metadata: {} });
    const answer = await user.post('/rag/langchain_query', {
      body: { question: 'When was the lighthouse of Norrvik built?' },
    });
    expect(answer.status).toBe(200);
    expect(answer.body.answer).toContain('1874');
    expect(answer.body.sources[0].id).toBe('norrvik');
  });

  test('/llm/generate without a model names what to set', async () => {
    const response = await user.post('/llm/generate', { body: { prompt: 'Say hello.' } });
    expect(response.status).toBe(503);
    expect(response.body.code).toBe('llm_not_configured');
    expect(response.body.detail).toContain('GOOGLE_API_KEY');
  });
});
