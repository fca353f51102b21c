import fs from 'node:fs/promises';

/** A new name survives a power cut only once its folder is on disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
