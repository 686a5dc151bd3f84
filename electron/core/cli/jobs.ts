import { setTimeout as sleep } from 'node:timers/promises'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { jobProblem } from './output.ts'

const POLL_MS = 150

/** Waits for a job and shows its progress on a terminal; Ctrl-C cancels it on the console. @returns its result @throws its Problem */
export async function awaitJob(rpc: RpcClient, job: string, title: string): Promise<unknown> {
  const isTerminal = process.stderr.isTTY
  const cancel = (): void => void rpc.call('jobs.cancel', { job }).catch(() => undefined)
  process.once('SIGINT', cancel)
  try {
    for (;;) {
      const now = await rpc.call('jobs.show', { job })
      if (isTerminal)
        process.stderr.write(`\r\u001b[2K${title}: ${now.note}${now.progress === null ? '' : ` ${Math.round(now.progress * 100)} %`}`)
      if (now.state !== 'running') {
        if (isTerminal) process.stderr.write('\r\u001b[2K')
        if (now.state === 'done') return now.result
        throw jobProblem(now)
      }
      await sleep(POLL_MS)
    }
  } finally {
    process.off('SIGINT', cancel)
  }
}
