import type { InstallProgress } from '../embeddings/store/install-model.js';

const REDRAW_MS = 200;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export interface ProgressPrinter {
  report: (progress: InstallProgress) => void;
  /** Ends a line that is still being redrawn. */
  end: () => void;
}

/** Shows the progress of an installation: one line that changes on a terminal, plain lines elsewhere. */
export function progressPrinter(out: NodeJS.WriteStream): ProgressPrinter {
  let shown = '';
  let drawnAt = 0;
  let open = false;
  let decade = -1;
  const end = (): void => {
    if (open) out.write('\n');
    open = false;
  };
  const report = ({ text, done, total }: InstallProgress): void => {
    if (done === undefined || !total) {
      end();
      if (text !== shown) out.write(`${text}\n`);
      shown = text;
      decade = -1;
      return;
    }
    const line = `  ${megabytes(done)} of ${megabytes(total)} MB`;
    if (!out.isTTY) {
      const now = Math.floor((10 * done) / total);
      if (now > decade) out.write(`${line}\n`);
      decade = Math.max(decade, now);
    } else if (done === total || Date.now() - drawnAt > REDRAW_MS) {
      out.write(`\r${line}`);
      drawnAt = Date.now();
      open = true;
    }
  };
  return { report, end };
}
