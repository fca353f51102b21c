import { strToU8, zipSync, type Zippable } from 'fflate';

/** A ZIP archive of texts and bytes by name; with level 0 they are stored as they are. */
export const zipOf = (files: Record<string, string | Uint8Array>, level: 0 | 6 = 6): Buffer =>
  Buffer.from(
    zipSync(
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => [
          name,
          typeof content === 'string' ? strToU8(content) : content,
        ]),
      ),
      { level },
    ),
  );

/** As `zipOf`, with a symbolic link among the files. */
export function zipWithLink(name: string, target: string, others: Record<string, string>): Buffer {
  const entries: Zippable = Object.fromEntries(
    Object.entries(others).map(([key, content]) => [key, strToU8(content)]),
  );
  entries[name] = [strToU8(target), { os: 3, attrs: (0o120777 << 16) >>> 0 }];
  return Buffer.from(zipSync(entries));
}

/** A mail with a plain body and files. */
export function mailOf(subject: string, body: string, files: Record<string, string | Uint8Array>): Buffer {
  const part = (name: string, content: string | Uint8Array): string =>
    `--cut\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
    `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}\r\n`;
  return Buffer.from(
    `From: Ann <ann@example.com>\r\nTo: Ben <ben@example.com>\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n` +
      `Date: Tue, 03 Mar 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n` +
      `--cut\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n` +
      `${Object.entries(files)
        .map(([name, content]) => part(name, content))
        .join('')}--cut--\r\n`,
  );
}
