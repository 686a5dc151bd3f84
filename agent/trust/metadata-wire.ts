import { Problem } from '../../shared/domain/problem.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import { topicOf, topics } from '../../shared/protocol/topics.ts'
import type { Connection } from '../mqtt/connection.ts'
import type { MetadataSource } from './tuf-client.ts'

/** Asks the console for metadata over the broker. */
export interface MetadataWire extends MetadataSource {
  /** An answer came in; empty bytes say that there is no file of this name. */
  deliver(name: string, payload: Uint8Array): void
}

/** The question is asked again so often: an answer may be lost, and asking twice is harmless. */
const TRIES = 3
const ANSWER_MS = 5000

/** Makes the wire of a device. Files travel whole, one message each; a message that is longer than its role allows is dropped unread. */
export function createMetadataWire(options: {
  fleet: string
  device: Parameters<typeof topicOf<'trustWant'>>[2]['device']
  connection: Pick<Connection, 'publish'>
  clock: Clock
}): MetadataWire {
  const { fleet, device, connection, clock } = options
  const waiting = new Map<string, (payload: Uint8Array) => void>()

  async function ask(name: string): Promise<Uint8Array> {
    const answered = new Promise<Uint8Array>((resolve) => waiting.set(name, resolve))
    try {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const want = JSON.stringify({ v: WIRE_VERSION, sentAt: clock.now(), device, name })
        await connection.publish(topicOf(fleet, 'trustWant', { device }), want, topics.trustWant)
        const answer = await within(answered, ANSWER_MS)
        if (answer !== null) return answer
      }
      throw new Problem('console.unreachable', `The console did not answer when it was asked for ${name}.`)
    } finally {
      waiting.delete(name)
    }
  }

  return {
    async fetch(fileName, maxBytes) {
      const payload = await ask(levelOf(fileName))
      if (payload.length > maxBytes)
        throw new Problem('trust.metadata-invalid', `${fileName} came with ${payload.length} bytes; at most ${maxBytes} are read.`)
      return payload.length === 0 ? null : payload
    },
    deliver: (name, payload) => waiting.get(name)?.(payload),
  }
}

/** `2.root.json` as a level of a topic: `root-2`. */
export function levelOf(fileName: string): string {
  const versioned = /^([1-9]\d{0,9})\.(root|snapshot|targets)\.json$/.exec(fileName)
  if (versioned !== null) return `${versioned[2]!}-${versioned[1]!}`
  if (fileName === 'timestamp.json' || fileName === 'introduction.json') return fileName.slice(0, -'.json'.length)
  throw new Problem('trust.metadata-invalid', `No file of our trust metadata is called ${fileName.slice(0, 64)}.`)
}

/** The value if it comes in time, else null. */
async function within<Value>(value: Promise<Value>, ms: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}
