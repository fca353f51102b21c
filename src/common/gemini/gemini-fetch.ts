/** Seconds of a `Retry-After` header, which holds seconds or a date; undefined without a usable one. */
function secondsOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined;
}

/**
 * The runtime's own fetch for the SDK, whose own one lifts every limit of time from the process's dispatcher. The
 * SDK keeps the words of an error but not its headers, so a `Retry-After` is written where Google writes its own.
 */
export async function geminiFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  const wait = response.ok ? undefined : secondsOf(response.headers.get('retry-after'));
  if (wait === undefined) return response;
  const words = await response.text().catch(() => '');
  const { status, statusText } = response;
  const body = /"retryDelay"/.test(words) ? words : `"retryDelay": "${wait}s" ${words}`;
  return new Response(body, { status, statusText, headers: { 'content-type': 'text/plain' } });
}
