import { Worker } from 'node:worker_threads'
import { Problem, problemFrom } from '../../../shared/domain/problem.ts'
import type { ReportDocument } from '../../../shared/domain/report/document.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'
import { reportCsvArchive } from '../../../shared/domain/report/to-csv.ts'
import { reportHtml } from '../../../shared/domain/report/to-html.ts'
import { reportMarkdown } from '../../../shared/domain/report/to-markdown.ts'
import type { FromReportWriter, ReportWriterData } from './report-writer.ts'
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

/** A report of more values is written in a thread of its own: nothing else of the console would have a turn meanwhile. Laying out pages takes longest. */
const LARGE_FACTS = 20_000
const LARGE_PDF_FACTS = 2_000

/** A report in a format. All formats say the same: they are written from one document. */
export async function writeReport(signed: SignedReport, format: ReportFormat): Promise<Uint8Array> {
  if (format === 'json') return writeSigned(signed)
  const isLarge = sealOf(signed).statement.facts > (format === 'pdf' ? LARGE_PDF_FACTS : LARGE_FACTS)
  return isLarge ? writeInThread(signed, format) : writeHere(signed, format)
}

/** The same in this thread. */
export async function writeHere(signed: SignedReport, format: Exclude<ReportFormat, 'json'>): Promise<Uint8Array> {
  return writers[format](signed.document, sealOf(signed))
}

/** The same in a thread of its own. @throws Problem of the writer */
export function writeInThread(signed: SignedReport, format: Exclude<ReportFormat, 'json'>): Promise<Uint8Array> {
  const entry = import.meta.filename.endsWith('.ts') ? './report-writer.ts' : './report-writer.mjs'
  const data: ReportWriterData = { report: JSON.stringify(signed), format }
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: data })
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: FromReportWriter) => {
      if (answer.type === 'written') resolve(answer.bytes)
      else reject(problemFrom(answer.problem))
    })
    worker.once('error', reject)
    // After an answer this changes nothing.
    worker.once('exit', () => reject(new Problem('internal', 'The thread that writes reports ended before its work did.')))
  })
}
