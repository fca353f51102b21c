import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import type { MailAddress } from '../../config/mail-settings.js';
import { MailTransport } from '../mail-transport.port.js';
import type { RenderedMail } from '../mail.types.js';
import { compose } from './compose.js';

/** Older files go, so that the folder of a server without a mail server does not grow for ever. */
const KEPT_FILES = 1000;
const NAME = /^\d{8}T\d{9}Z-[0-9a-f]{8}\.eml$/;

/** Writes mails as `.eml` files, in the order of their writing by name, whole or not at all. */
export class FolderTransport extends MailTransport {
  private readonly composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });

  constructor(
    private readonly dir: string,
    private readonly from: MailAddress,
  ) {
    super();
  }

  async send(mail: RenderedMail): Promise<void> {
    await fs.mkdir(this.dir, { recursive: true, mode: 0o700 });
    const { message } = await this.composer.sendMail(compose(mail, this.from));
    const time = mail.date.toISOString().replaceAll(/[-:.]/g, '');
    const file = path.join(this.dir, `${time}-${randomUUID().slice(0, 8)}.eml`);
    const unfinished = `${file}.part`;
    await fs.writeFile(unfinished, message as Buffer, { flag: 'wx', mode: 0o600, flush: true });
    await fs.rename(unfinished, file);
    await this.prune();
  }

  private async prune(): Promise<void> {
    const files = (await fs.readdir(this.dir)).filter((name) => NAME.test(name)).sort();
    for (const name of files.slice(0, Math.max(0, files.length - KEPT_FILES)))
      await fs.rm(path.join(this.dir, name), { force: true });
  }

  async close(): Promise<void> {
    this.composer.close();
  }
}
