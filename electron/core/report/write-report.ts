import type { ReportDocument } from '../../../shared/domain/report/document.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'
import { reportCsvArchive } from '../../../shared/domain/report/to-csv.ts'
import { reportHtml } from '../../../shared/domain/report/to-html.ts'
import { reportMarkdown } from '../../../shared/domain/report/to-markdown.ts'
import { sealOf, writeSigned, type SignedReport } from './signed-report.ts'

type Writer = (document: ReportDocument, seal: ReportSeal) => Uint8Array | Promise<Uint8Array>

/** Writers of large libraries are loaded when they are first asked for: a console that makes no PDF carries none of it. */
const writers: Record<Exclude<ReportFormat, 'json'>, Writer> = {
  html: (document, seal) => Buffer.from(reportHtml(document, seal)),
  markdown: (document, seal) => Buffer.from(reportMarkdown(document, seal)),
  csv: reportCsvArchive,
  xlsx: async (document, seal) => (await import('./to-xlsx.ts')).reportXlsx(document, seal),
  parquet: async (document, seal) => (await import('./to-parquet.ts')).reportParquet(document, seal),
  pdf: async (document, seal) => (await import('./to-pdf.ts')).reportPdf(document, seal),
}

/** A report in a format. All formats say the same: they are written from one document. */
export async function writeReport(signed: SignedReport, format: ReportFormat): Promise<Uint8Array> {
  return format === 'json' ? writeSigned(signed) : writers[format](signed.document, sealOf(signed))
}
