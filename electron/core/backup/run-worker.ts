import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Problem, problemFrom } from '../../../shared/domain/problem.ts'
import type { Progress } from '../jobs/jobs.ts'
import { nodeBinary } from '../node-binary.ts'
import type { ErasedCopies, EraseCopies } from '../privacy/erase-copies.ts'
import type { CopiedData, CopyRequest } from './copy-data.ts'
import type { BackupManifest } from './manifest.ts'
import type { FromBackupWorker, ToBackupWorker } from './worker-messages.ts'

interface Run {
  signal: AbortSignal
  progress: Progress
}

/** Copies the data in a process of its own. @throws Problem of `copyData`, `cancelled` */
export async function copyInWorker(request: CopyRequest, run: Run): Promise<CopiedData> {
  const answer = await runWorker({ type: 'copy', request }, run)
  if (answer.type !== 'copied') throw new Problem('internal', 'The backup process answered something else.')
  return answer.data
}

/** Compares a backup with its manifest in a process of its own. @throws Problem `backup.damaged`, `cancelled` */
export async function verifyInWorker(of: { directory: string; folder: string; manifest: BackupManifest }, run: Run): Promise<void> {
  await runWorker({ type: 'verify', ...of }, run)
}

/** Takes people out of copies of stores in a process of its own. @throws Problem `store.*` */
export async function eraseInWorker(request: EraseCopies, run: Run): Promise<ErasedCopies> {
  const answer = await runWorker({ type: 'erase', request }, run)
  if (answer.type !== 'erased') throw new Problem('internal', 'The backup process answered something else.')
  return answer.erased
}

function runWorker(message: ToBackupWorker, { signal, progress }: Run): Promise<FromBackupWorker> {
  if (signal.aborted) throw cancelled()
  const entry = import.meta.filename.endsWith('.ts') ? './backup-worker.ts' : './backup-worker.mjs'
  const child = fork(fileURLToPath(new URL(entry, import.meta.url)), [], {
    execPath: nodeBinary(),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
  })
  const kill = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', kill, { once: true })
  return new Promise<FromBackupWorker>((resolve, reject) => {
    let answer: FromBackupWorker | null = null
    child.on('message', (said: FromBackupWorker) => {
      if (said.type === 'progress') progress(said.share, said.note)
      else answer = said
    })
    child.once('error', (error) => reject(new Problem('internal', `The backup process could not be started: ${error.message}`)))
    // Only after it is gone may its files be renamed or removed.
    child.once('exit', (code, ended) => {
      signal.removeEventListener('abort', kill)
      if (signal.aborted) reject(cancelled())
      else if (answer?.type === 'failed') reject(problemFrom(answer.problem))
      else if (answer !== null) resolve(answer)
      else reject(new Problem('internal', `The backup process ended before its work did (${ended ?? `exit ${String(code)}`}).`))
    })
    child.send(message, () => undefined)
  })
}

function cancelled(): Problem {
  return new Problem('cancelled', 'The work was cancelled; what it had begun was removed.')
}
