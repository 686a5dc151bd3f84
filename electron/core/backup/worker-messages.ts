import type { ProblemReport } from '../../../shared/domain/problem.ts'
import type { ErasedCopies, EraseCopies } from '../privacy/erase-copies.ts'
import type { CopiedData, CopyRequest } from './copy-data.ts'
import type { BackupManifest } from './manifest.ts'

/** What the console asks of the process that copies. */
export type ToBackupWorker =
  | { type: 'copy'; request: CopyRequest }
  | { type: 'verify'; directory: string; folder: string; manifest: BackupManifest }
  | { type: 'erase'; request: EraseCopies }

/** What that process answers. */
export type FromBackupWorker =
  | { type: 'progress'; share: number; note: string }
  | { type: 'copied'; data: CopiedData }
  | { type: 'verified' }
  | { type: 'erased'; erased: ErasedCopies }
  | { type: 'failed'; problem: ProblemReport }
