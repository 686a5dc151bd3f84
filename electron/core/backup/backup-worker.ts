import { setPriority } from 'node:os'
import { reportOf } from '../../../shared/domain/problem.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { eraseCopies } from '../privacy/erase-copies.ts'
import { copyData } from './copy-data.ts'
import { verifyBackup } from './verify.ts'
import type { FromBackupWorker, ToBackupWorker } from './worker-messages.ts'

// A process of its own: it reads whole disks without holding up the console, and can be ended at any moment.
const NICE = 10
/** Progress is told at most so often, ms. */
const TELL_EVERY_MS = 200

let toldAt = Number.NEGATIVE_INFINITY
let toldNote = ''

function send(message: FromBackupWorker): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()))
}

function onProgress(share: number, note: string): void {
  const now = performance.now()
  if (note === toldNote && now - toldAt < TELL_EVERY_MS) return
  toldAt = now
  toldNote = note
  void send({ type: 'progress', share, note })
}

async function work(message: ToBackupWorker): Promise<FromBackupWorker> {
  try {
    if (message.type === 'copy') return { type: 'copied', data: await copyData(message.request, onProgress) }
    if (message.type === 'erase') return { type: 'erased', erased: eraseCopies(message.request) }
    verifyBackup(message.directory, message.folder, message.manifest, onProgress)
    return { type: 'verified' }
  } catch (error) {
    return { type: 'failed', problem: reportOf(storeProblem(error, 'the backup')) }
  }
}

process.umask(0o077)
try {
  setPriority(NICE)
} catch {
  // Not every system lets a process step back; then it works as any other.
}
process.once('message', (message: ToBackupWorker) => {
  void work(message)
    .then(send)
    .then(() => process.exit(0))
})
process.on('disconnect', () => process.exit(1))
