import type { PdfLine } from './pdf-layout.js';

const onOneLine = (line: PdfLine, field: PdfLine): boolean =>
  line.angle === field.angle &&
  line.along <= field.along &&
  Math.abs(line.lastAcross - field.across) < 0.5 * Math.max(line.size, field.size);

const goesOn = (before: PdfLine, field: PdfLine): boolean => {
  const step = (before.lastAcross - field.across) / (field.size || 1);
  return (
    before.angle === field.angle &&
    Math.abs(before.along - field.along) < field.size &&
    step > 0.5 &&
    step < 2
  );
};

/** What is filled in stands behind its label, its other lines below the first; what has no label comes last. */
export function placeFields(written: readonly PdfLine[], fields: readonly PdfLine[]): PdfLine[] {
  const placed = [...written];
  let before: PdfLine | undefined;
  // Where the line is that `before` stands in or is.
  let at = -1;
  for (const field of fields) {
    const label = placed.reduce(
      (best, line, i) =>
        onOneLine(line, field) && (best < 0 || line.along >= placed[best]!.along) ? i : best,
      -1,
    );
    if (label >= 0) {
      at = label;
      // A button is drawn on the page as well.
      if (placed[at]!.text === field.text) continue;
      placed[at] = { ...placed[at]!, text: `${placed[at]!.text} ${field.text}` };
    } else {
      at = before && goesOn(before, field) ? at + 1 : placed.length;
      placed.splice(at, 0, field);
    }
    before = field;
  }
  return placed;
}
