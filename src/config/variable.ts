/** One configuration variable: the declaration that parses it is also the one that documents it. */
export interface Variable<T> {
  env: string;
  /** Shown in the generated table; a dynamic default is described in words. */
  defaultText: string;
  description: string;
  group: string;
  secret: boolean;
  /** `undefined` is an unset (or empty) variable. Throws an `Error` whose message says what is accepted. */
  parse(raw: string | undefined): T;
}

interface Declaration<D> {
  env: string;
  group: string;
  description: string;
  default: D;
  defaultText?: string;
  secret?: boolean;
}

function variable<T, D extends T | undefined>(
  declaration: Declaration<D>,
  read: (raw: string) => T,
): Variable<T | D> {
  const { env, group, description, secret = false } = declaration;
  const fallback = declaration.default;
  const defaultText = declaration.defaultText ?? (fallback === undefined ? '' : String(fallback));
  return {
    env,
    group,
    description,
    secret,
    defaultText,
    parse: (raw) => (raw === undefined ? fallback : read(raw)),
  };
}

export const text = <D extends string | undefined>(d: Declaration<D>) => variable(d, (raw) => raw);

/** Text of a given form, which the description tells. */
export const name = (form: RegExp, d: Declaration<undefined>) =>
  variable<string, undefined>(d, (raw) => {
    if (raw.length > 200 || !form.test(raw)) throw new Error('is not of the form that the description tells');
    return raw;
  });

export const oneOf = <const V extends string, D extends V | undefined>(
  values: readonly V[],
  d: Declaration<D>,
) =>
  variable<V, D>(
    { ...d, description: `${d.description} One of: ${values.map((v) => `\`${v}\``).join(', ')}.` },
    (raw) => {
      const found = values.find((value) => value === raw);
      if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`);
      return found;
    },
  );

export const integer = (range: { min: number; max: number }, d: Declaration<number>) =>
  variable<number, number>(d, (raw) => {
    const value = Number(raw);
    if (!/^\d+$/.test(raw) || value < range.min || value > range.max)
      throw new Error(`must be a whole number from ${range.min} to ${range.max}`);
    return value;
  });

/** Bytes in a kilobyte, a megabyte and so on, as `bytes` reads them. */
export const KB = 2 ** 10;
export const MB = 2 ** 20;
export const GB = 2 ** 30;
export const TB = 2 ** 40;

const SIZE_UNITS: Record<string, number> = { '': 1, kb: KB, mb: MB, gb: GB, tb: TB };

const sizeText = (size: number): string => {
  for (const [unit, bytesOf] of Object.entries(SIZE_UNITS).toReversed())
    if (size > 0 && size % bytesOf === 0) return `${size / bytesOf}${unit || ' bytes'}`;
  return '0';
};

/** Bytes; accepts `10mb`, `2GB` or plain bytes. */
export const bytes = (range: { min: number; max: number }, d: Declaration<string>): Variable<number> => {
  const read = (raw: string): number => {
    const match = /^(\d+)\s*(kb|mb|gb|tb|)$/i.exec(raw.trim());
    const unit = SIZE_UNITS[match?.[2]?.toLowerCase() ?? ''];
    const value = Number(match?.[1]) * (unit ?? Number.NaN);
    if (!match || !(value >= range.min && value <= range.max))
      throw new Error(
        `must be a size such as 500kb, 20mb or 2gb, from ${sizeText(range.min)} to ${sizeText(range.max)}`,
      );
    return value;
  };
  return { ...variable<string, string>(d, (raw) => raw), parse: (raw) => read(raw ?? d.default) };
};

const TIME_UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds; accepts `20s`, `15m`, `12h`, `7d`. */
export const duration = (range: { min: number; max: number }, d: Declaration<string>): Variable<number> => {
  const read = (raw: string): number => {
    const match = /^(\d+)(ms|s|m|h|d)$/.exec(raw.trim());
    const value = Number(match?.[1]) * (TIME_UNITS[match?.[2] ?? ''] ?? Number.NaN);
    if (!match || value < range.min || value > range.max)
      throw new Error(`must be a time such as 20s, 15m or 7d, from ${range.min} to ${range.max} seconds`);
    return value;
  };
  return { ...variable<string, string>(d, (raw) => raw), parse: (raw) => read(raw ?? d.default) };
};

export const flag = <D extends boolean | undefined>(d: Declaration<D>) =>
  variable<boolean, D>(d, (raw) => {
    if (/^(1|true|on|yes)$/i.test(raw)) return true;
    if (/^(0|false|off|no)$/i.test(raw)) return false;
    throw new Error('must be on or off');
  });

export const list = (d: Declaration<string>): Variable<string[]> => {
  const read = (raw: string): string[] =>
    raw
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  return { ...variable<string, string>(d, (raw) => raw), parse: (raw) => read(raw ?? d.default) };
};

export const url = (protocols: readonly string[], d: Declaration<undefined>) =>
  variable<string, undefined>(d, (raw) => {
    const parsed = URL.canParse(raw) ? new URL(raw) : undefined;
    if (!parsed || !protocols.includes(parsed.protocol))
      throw new Error(`must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    if (!isDecodable(parsed.username + parsed.password))
      throw new Error('must have % in user and password written as %25');
    return raw;
  });

function isDecodable(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}
