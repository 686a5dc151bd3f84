import { startIngest } from '../../electron/core/ingest/ingest.ts'

/** Where the process kills itself (SIGKILL), or `none`. */
export type IngestFault = 'none' | 'after-receive' | 'before-ack' | 'after-ack'

/** What the parent sends: batches of the device `cam-1`. */
export interface ToIngestChild {
  payload: Uint8Array
}

/** What the parent hears. */
export type FromIngestChild = { type: 'ready' } | { type: 'ack'; through: number }

// A real ingest with its writer thread in a process of its own; the parent plays the agent. Arguments: file, fault, how often it is passed first.
const [file = '', fault = 'none', after = '0'] = process.argv.slice(2)
let left = Number(after)

function die(at: IngestFault): void {
  if (at !== fault) return
  if (left > 0) left -= 1
  else process.kill(process.pid, 'SIGKILL')
}

const ingest = await startIngest({
  file,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  log: () => undefined,
  publishAck(_device, _spool, through) {
    die('before-ack')
    return new Promise((resolve, reject) =>
      process.send!({ type: 'ack', through } satisfies FromIngestChild, undefined, undefined, (error) => {
        die('after-ack')
        if (error === null) resolve()
        else reject(error)
      }),
    )
  },
  onChange: () => undefined,
  onFatal: (problem) => {
    throw problem
  },
})
process.on('message', ({ payload }: ToIngestChild) => {
  ingest.take('cam-1', payload)
  die('after-receive')
})
process.on('disconnect', () => void ingest.stop().then(() => process.exit(0)))
process.send!({ type: 'ready' } satisfies FromIngestChild)
