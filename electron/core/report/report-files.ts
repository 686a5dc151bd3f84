import * as fs from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf, Problem } from '../../../shared/domain/problem.ts'
import { formatEndings, type ReportFormat } from '../../../shared/domain/report/kinds.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'

/** The files of reports, each report in a folder of its own. */
export interface ReportFiles {
  /** @throws Problem `store.disk-full`, `data-directory.read-only` */
  write(report: number, format: ReportFormat, bytes: Uint8Array): void
  has(report: number, format: ReportFormat): boolean
  /** @throws Problem `report.not-found` */
  read(report: number, format: ReportFormat): Buffer
  /** A part of a file. @throws Problem `report.not-found` */
  piece(report: number, format: ReportFormat, at: { offset: number; bytes: number }): { piece: Buffer; size: number }
  remove(report: number): void
}

/** Opens the files in a directory, which is made when the first report is. They name people and devices: their owner alone reads them. */
export function openReportFiles(directory: string): ReportFiles {
  const folderOf = (report: number): string => join(directory, String(report))
  const nameOf = (format: ReportFormat): string => `report.${formatEndings[format]}`
  const pathOf = (report: number, format: ReportFormat): string => join(folderOf(report), nameOf(format))
  const gone = (path: string, error: unknown): unknown =>
    errorCodeOf(error) === 'ENOENT'
      ? new Problem('report.not-found', `The file ${path} is gone.`, { hint: 'Backups hold no reports: create it again.', cause: error })
      : storeProblem(error, path)
  return {
    write(report, format, bytes) {
      const folder = folderOf(report)
      try {
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
        replaceFile(fs, { directory: folder, name: nameOf(format), mode: 0o600 }, bytes)
      } catch (error) {
        throw storeProblem(error, folder)
      }
    },
    has: (report, format) => fs.existsSync(pathOf(report, format)),
    read(report, format) {
      try {
        return fs.readFileSync(pathOf(report, format))
      } catch (error) {
        throw gone(pathOf(report, format), error)
      }
    },
    piece(report, format, { offset, bytes }) {
      const path = pathOf(report, format)
      let file: number
      try {
        file = fs.openSync(path, 'r')
      } catch (error) {
        throw gone(path, error)
      }
      try {
        const { size } = fs.fstatSync(file)
        const piece = Buffer.alloc(Math.max(0, Math.min(bytes, size - offset)))
        fs.readSync(file, piece, 0, piece.length, offset)
        return { piece, size }
      } finally {
        fs.closeSync(file)
      }
    },
    remove: (report) => fs.rmSync(folderOf(report), { recursive: true, force: true }),
  }
}
