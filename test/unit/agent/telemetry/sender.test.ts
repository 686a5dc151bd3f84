import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startSender, type Sender } from '../../../../agent/telemetry/sender.ts'
import type { Spool } from '../../../../agent/telemetry/spool.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { telemetryMessage, type TelemetryMessage } from '../../../../shared/protocol/telemetry.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { eventRecord, handClock, sampleRecord, testSpool } from '../../../harness/spool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A console that stores batches as the real one does, behind a wire that tests break. */
function rig(records: number) {
  const clock = handClock()
  const spool: Spool = testSpool(join(temporaryDirectory(), 'spool.db'), { clock })
  for (let i = 0; i < records; i += 1) spool.append([sampleRecord(`${i}`, 4000)])
  const sent: TelemetryMessage[] = []
  const wire: { deliver(message: TelemetryMessage): void } = { deliver: () => undefined }
  const stored = new Set<number>()
  const through = { value: 0 }
  const sender: Sender = startSender({
    device: 'cam-1',
    spool,
    clock,
    log: () => undefined,
    send: (json) => {
      const message = telemetryMessage.parse(JSON.parse(json))
      sent.push(message)
      wire.deliver(message)
      return Promise.resolve()
    },
  })
  const ack = (value: number): void => sender.acknowledged({ v: 1, sentAt: 1, spool: spool.id, through: value })
  const store = (message: TelemetryMessage): void => {
    if (message.from > through.value + 1) return
    for (const { seq } of message.records) stored.add(seq)
    through.value = Math.max(through.value, message.through)
  }
  return { spool, sender, sent, wire, stored, through, ack, store, clock }
}

const span = ({ from, through }: TelemetryMessage): [number, number] => [from, through]

describe('the sender', () => {
  it('sends nothing without a connection, one batch until it is heard, then up to four', () => {
    const { spool, sender, sent, ack } = rig(200)
    sender.wake()
    vi.advanceTimersByTime(1000)
    expect(sent).toEqual([])
    sender.connected(true)
    expect(sent).toHaveLength(1)
    ack(sent[0]!.through)
    expect(sent).toHaveLength(5)
    expect(sent.map(({ from }) => from)).toEqual([1, ...sent.slice(0, -1).map(({ through }) => through + 1)])
    expect(spool.acked).toBe(sent[0]!.through)
    sender.stop()
    spool.close()
  })

  it('repeats after silence, ever more slowly, and only deletes on an acknowledgement', async () => {
    const { spool, sender, sent } = rig(3)
    sender.connected(true)
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(5000)
    expect(sent.map(span)).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
    ])
    sender.consoleHeard()
    expect(sent).toHaveLength(4)
    expect(spool.backlog.records).toBe(3)
    sender.stop()
    spool.close()
  })

  it('begins again after a reconnect right behind what was acknowledged', () => {
    const { spool, sender, sent, ack } = rig(100)
    sender.connected(true)
    const first = sent[0]!
    ack(first.through)
    sender.connected(false)
    const before = sent.length
    sender.connected(true)
    expect(sent.length).toBe(before + 1)
    expect(sent.at(-1)!.from).toBe(first.through + 1)
    sender.stop()
    spool.close()
  })

  it('claims no numbers that are deleted when the console lost what it had, and does not storm it', () => {
    const { spool, sender, sent, ack } = rig(100)
    sender.connected(true)
    const first = sent[0]!
    ack(first.through)
    sender.connected(false)
    sender.connected(true)
    const before = sent.length
    ack(0)
    expect(sent.length).toBe(before)
    vi.advanceTimersByTime(15_000)
    expect(sent.slice(before).map(({ from }) => from)).toEqual([first.through + 1, first.through + 1])
    ack(sent.at(-1)!.through)
    expect(sent.length).toBeGreaterThan(before + 2)
    sender.stop()
    spool.close()
  })

  it('ignores acknowledgements of another spool', () => {
    const { spool, sender } = rig(3)
    sender.connected(true)
    sender.acknowledged({ v: 1, sentAt: 1, spool: 'other' as never, through: 3 })
    expect([spool.acked, sender.lastAckAt]).toEqual([0, null])
    sender.stop()
    spool.close()
  })

  it('outlasts a wire that refuses', () => {
    const { spool, sender, sent, wire, store, stored, ack, through } = rig(5)
    wire.deliver = () => {
      throw new Problem('broker.unreachable', 'no')
    }
    sender.connected(true)
    wire.deliver = (message) => {
      store(message)
      ack(through.value)
    }
    vi.advanceTimersByTime(60_000)
    expect(sent.length).toBeGreaterThan(1)
    expect(stored.size).toBe(5)
    sender.stop()
    spool.close()
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'case 31: delivers every record once over a wire that drops, doubles and reorders (seed %i)',
    (seed) => {
      const { spool, sender, wire, stored, store, ack, through } = rig(150)
      let state = seed
      const random = (): number => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        return state / 2_147_483_648
      }
      const sometimes = (share: number, act: () => void): void => {
        if (random() < share) setTimeout(act, random() * 8000)
      }
      wire.deliver = (message) => {
        const arrive = (): void => {
          store(message)
          const value = through.value
          const answer = (): void => ack(value)
          sometimes(0.7, answer)
          sometimes(0.3, answer)
        }
        sometimes(0.7, arrive)
        sometimes(0.3, arrive)
      }
      sender.connected(true)
      for (let i = 0; i < 400 && spool.backlog.records > 0; i += 1) {
        if (random() < 0.1) {
          sender.connected(false)
          sender.connected(true)
        }
        if (i === 5) {
          spool.append([eventRecord('late')])
          sender.wake()
        }
        vi.advanceTimersByTime(3000)
      }
      expect([stored.size, spool.acked, spool.backlog.records]).toEqual([151, 151, 0])
      sender.stop()
      spool.close()
    },
  )
})
