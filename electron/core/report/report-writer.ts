import { parentPort, workerData } from 'node:worker_threads'
import { reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import { writeHere } from './write-report.ts'
import type { SignedReport } from './signed-report.ts'

/** What the thread is started with: the signed report as JSON, which travels faster than its parts. */
export interface ReportWriterData {
  report: string
  format: Exclude<ReportFormat, 'json'>
}

/** What the thread answers, once. */
export type FromReportWriter = { type: 'written'; bytes: Uint8Array } | { type: 'failed'; problem: ProblemReport }

/** Writes one report in one format, and ends. */
async function run(port: NonNullable<typeof parentPort>, { report, format }: ReportWriterData): Promise<void> {
  const answer = await writeHere(JSON.parse(report) as SignedReport, format).then(
    (bytes): FromReportWriter => ({ type: 'written', bytes }),
    (error: unknown): FromReportWriter => ({ type: 'failed', problem: reportOf(error) }),
  )
  port.postMessage(answer)
  port.close()
}

if (parentPort !== null) void run(parentPort, workerData as ReportWriterData)
