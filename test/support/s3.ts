import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { onFreePort } from './chroma.js';

export interface S3Server {
  endpoint: string;
  bucket: string;
  stop(): Promise<void>;
}

const START_MS = 120_000;

/** The `moto_server` command: `MOTO_BIN`, or the one on the path; null where there is none. */
export function motoBinary(): string | null {
  const given = process.env['MOTO_BIN'];
  if (given) return given;
  const found = spawnSync('moto_server', ['--help'], { stdio: 'ignore', timeout: 60_000 });
  return found.status === 0 ? 'moto_server' : null;
}

export const S3_MISSING =
  'no S3 server: install the PyPI package "moto[server]" and set MOTO_BIN to its "moto_server" command';

/** What the server takes without looking. */
export const S3_CREDENTIALS = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };

/** An S3 server on a free port with one empty bucket. */
export const startS3 = (binary: string): Promise<S3Server> => onFreePort((port) => startS3At(port, binary));

async function startS3At(port: number, binary: string): Promise<S3Server> {
  const child = spawn(binary, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = 'documents';
  const deadline = Date.now() + START_MS;
  const made = (): Promise<boolean> =>
    fetch(`${endpoint}/${bucket}`, {
      method: 'PUT',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${S3_CREDENTIALS.accessKeyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`,
      },
    }).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await made()) || child.exitCode !== null) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${binary} did not start (exit code ${child.exitCode})`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    endpoint,
    bucket,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
