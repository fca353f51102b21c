import { validationPipe } from './validation.pipe.js';
import { IsText } from './validators.js';

class Named {
  @IsText()
  name!: unknown;
}

test.each([
  [{}, 'name: name is required.'],
  [{ name: null }, 'name: name must be text, not null.'],
  [{ name: 7 }, 'name: name must be text without NUL characters or lone surrogates.'],
  [{ name: 'a\0b' }, 'name: name must be text without NUL characters or lone surrogates.'],
])('a text that is %j is refused with the reason', async (body, detail) => {
  const checked = validationPipe().transform(body, { type: 'body', metatype: Named });
  await expect(checked).rejects.toMatchObject({ code: 'validation_failed', detail });
});
