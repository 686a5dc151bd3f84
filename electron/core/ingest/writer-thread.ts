import { join, dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { Retention } from '../../../shared/domain/retention.ts'
import { reportOf } from '../../../shared/domain/problem.ts'
import { openTelemetryWriter } from '../store/telemetry/open.ts'
import { openBallast } from './ballast.ts'
import type { FromWriter, ToWriter } from './messages.ts'
import { IngestWriter } from './writer.ts'

/** What the thread is started with. */
export interface WriterThreadData {
  file: string
  ballastBytes: number
  retention: Partial<Retention>
}

/** Runs the writer on messages of the hub thread. */
function run(port: NonNullable<typeof parentPort>, { file, ballastBytes, retention }: WriterThreadData): void {
  const post = (message: FromWriter): void => {
    port.postMessage(message)
    if (message.type === 'stopped') port.close()
  }
  try {
    const writer = new IngestWriter({
      file,
      retention,
      open: () => openTelemetryWriter(file),
      ballast: openBallast(join(dirname(file), 'telemetry.ballast'), ballastBytes),
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      post,
    })
    port.on('message', (message: ToWriter) => writer.take(message))
    post({ type: 'ready' })
  } catch (error) {
    post({ type: 'failed', problem: reportOf(error) })
    port.close()
  }
}

if (parentPort !== null) run(parentPort, workerData as WriterThreadData)
