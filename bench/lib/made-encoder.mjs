// An encoder that makes vectors up, for speed at a size that cannot be embedded here: it speaks the protocol of Gemini,
// so that everything around it is the product's own. The same text has the same vector.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

const KEY = 'made';
const MODEL = 'made';

function madeVector(text, dimensions) {
  const bytes = createHash('shake256', { outputLength: dimensions * 2 })
    .update(text)
    .digest();
  return Array.from({ length: dimensions }, (_, i) => bytes.readInt16LE(i * 2) / 32_768);
}

async function answer(request, response) {
  let body = '';
  for await (const part of request) body += part;
  const reply = (content) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(content));
  };
  if (request.method === 'GET') return reply({ name: `models/${MODEL}` });
  const embeddings = JSON.parse(body).requests.map(({ content, outputDimensionality }) => ({
    values: madeVector(content.parts.map(({ text }) => text).join(' '), outputDimensionality),
  }));
  return reply({ embeddings });
}

/** Runs `work` with the environment of servers that use it, and with what embeds one text as they do. */
export async function withMadeEncoder(dimensions, work) {
  const server = http.createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  const env = {
    EMBEDDING_MODEL: `gemini:${MODEL}`,
    GEMINI_EMBEDDING_DIMENSIONS: String(dimensions),
    GOOGLE_API_KEY: KEY,
    GEMINI_BASE_URL: base,
    LLM: 'none',
  };
  const embed = async (text) => {
    const request = { content: { parts: [{ text }] }, outputDimensionality: dimensions };
    const response = await fetch(`${base}/v1beta/models/${MODEL}:batchEmbedContents`, {
      method: 'POST',
      body: JSON.stringify({ requests: [request] }),
    });
    await response.json();
  };
  try {
    return await work(env, embed);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
