import type { WrappedPdfiumModule } from '@embedpdf/pdfium';

// Numbers of PDFium's interface.
const [FREE_TEXT, WIDGET] = [3, 20];
const AS_SHOWN = 0;
const GREY = 1;
const WITH_ANNOTATIONS = 1;
const MOST_ANNOTATIONS = 5000;

/** Whether a page has fields of a form, or text that was written on top of it. */
export function hasFields(api: WrappedPdfiumModule, page: number): boolean {
  const count = Math.min(api.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS);
  for (let i = 0; i < count; i++) {
    const annotation = api.FPDFPage_GetAnnot(page, i);
    if (annotation === 0) continue;
    const kind = api.FPDFAnnot_GetSubtype(annotation);
    api.FPDFPage_CloseAnnot(annotation);
    if (kind === WIDGET || kind === FREE_TEXT) return true;
  }
  return false;
}

/** Makes fields and what was written on top part of the page; false where that fails. */
export function mergeFields(api: WrappedPdfiumModule, document: number, index: number): boolean {
  const page = api.FPDF_LoadPage(document, index);
  if (page === 0) return false;
  try {
    // The looks of fields that were filled in without any are made when they are drawn.
    const bitmap = api.FPDFBitmap_CreateEx(1, 1, GREY, 0, 0);
    if (bitmap !== 0) {
      api.FPDF_RenderPageBitmap(bitmap, page, 0, 0, 1, 1, 0, WITH_ANNOTATIONS);
      api.FPDFBitmap_Destroy(bitmap);
    }
    return api.FPDFPage_Flatten(page, AS_SHOWN) === 1;
  } finally {
    api.FPDF_ClosePage(page);
  }
}
