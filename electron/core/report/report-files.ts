import { createHash } from 'node:crypto'
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
  /** SHA-256 of a file as it is on the disk. @throws Problem `report.not-found` */
  sha256(report: number, format: ReportFormat): string
  /** Numbers of the reports that have a folder. */
  numbers(): number[]
  remove(report: number): void
}

const MOST_HASHES = 64

/** Opens the files in a directory, which is made when the first report is. They name people and devices: their owner alone reads them. */
export function openReportFiles(directory: string): ReportFiles {
  const folderOf = (report: number): string => join(directory, String(report))
  const nameOf = (format: ReportFormat): string => `report.${formatEndings[format]}`
  const pathOf = (report: number, format: ReportFormat): string => join(folderOf(report), nameOf(format))
  const hashes = new Map<string, { mark: string; sha256: string }>()
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
    sha256(report, format) {
      const path = pathOf(report, format)
      try {
        const { mtimeMs, size, ino } = fs.statSync(path)
        const mark = `${mtimeMs} ${size} ${ino}`
        const known = hashes.get(path)
        if (known?.mark === mark) return known.sha256
        const sha256 = createHash('sha256').update(fs.readFileSync(path)).digest('hex')
        // One file is fetched piece by piece: that it is hashed once is enough, so few are remembered.
        if (hashes.size >= MOST_HASHES) hashes.clear()
        hashes.set(path, { mark, sha256 })
        return sha256
      } catch (error) {
        throw gone(path, error)
      }
    },
    numbers() {
      try {
        return fs.readdirSync(directory).flatMap((name) => (/^[1-9]\d*$/.test(name) ? [Number(name)] : []))
      } catch (error) {
        if (errorCodeOf(error) === 'ENOENT') return []
        throw storeProblem(error, directory)
      }
    },
    remove: (report) => fs.rmSync(folderOf(report), { recursive: true, force: true }),
  }
}
