import { describe, expect, it } from 'vitest'
import { openJournal } from '../../../../agent/converge/journal.ts'
import { LockKeeper } from '../../../../agent/converge/lock-keeper.ts'
import { answerAsk } from '../../../../agent/converge/answer-ask.ts'
import { signedOrder } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { converged, live, serves, state, v1, v2, v3 } from '../../../harness/lives.ts'
import { until } from '../../../harness/local-api.ts'

const HOUR = 3_600_000

/** A keeper over the journal of a directory, as each start of the agent makes one. */
function keeper(directory: string, at: { wall: number; ran: number }) {
  const told: string[] = []
  const clock = { now: () => at.wall, monotonic: () => at.ran }
  const lock = new LockKeeper({ journal: openJournal(directory, 0).journal, clock, tell: ({ name }) => void told.push(name) })
  return { lock, told }
}

describe('the application lock', () => {
  it.each([
    { name: 'no reason', reason: '  ', until: HOUR },
    { name: 'a novel as reason', reason: 'x'.repeat(501), until: HOUR },
    { name: 'a deadline that has passed', reason: 'surgery', until: -1 },
    { name: 'no deadline', reason: 'surgery', until: Number.NaN },
    { name: 'more than a day', reason: 'surgery', until: 24 * HOUR + 1 },
  ])('is refused: $name', ({ reason, until: after }) => {
    const { lock } = keeper(temporaryDirectory(), { wall: 1000, ran: 0 })
    expect(() => lock.lock(reason, 1000 + after)).toThrow(expect.objectContaining({ code: 'lock.invalid' }))
    expect(lock.current()).toBeNull()
  })

  it('ends by the time that ran, whatever the wall clock does', () => {
    const at = { wall: 1_000_000, ran: 0 }
    const { lock, told } = keeper(temporaryDirectory(), at)
    // What is reported has whole milliseconds only.
    lock.lock(' surgery ', at.wall + HOUR + 0.3)
    at.wall += 100 * HOUR
    expect(lock.current()).toEqual({ reason: 'surgery', since: 1_000_000, until: 1_000_000 + HOUR })
    at.wall = 0
    at.ran += HOUR - 1
    expect([lock.current()?.reason, lock.leftMs()]).toEqual(['surgery', 1])
    at.ran += 1
    expect([lock.current(), lock.leftMs(), told]).toEqual([null, 0, ['lock.set', 'lock.ended']])
  })

  const restarts: { name: string; wall: number; left: number }[] = [
    { name: 'in between', wall: 1_000_000 + HOUR / 4, left: (HOUR * 3) / 4 },
    { name: 'after its end', wall: 1_000_000 + HOUR, left: 0 },
    { name: 'with a clock far ahead', wall: 9_000_000_000, left: 0 },
    { name: 'with a clock before its start: at most its length', wall: 5, left: HOUR },
  ]
  it.each(restarts)('outlives a restart: $name', ({ wall, left }) => {
    const directory = temporaryDirectory()
    keeper(directory, { wall: 1_000_000, ran: 0 }).lock.lock('surgery', 1_000_000 + HOUR)
    const { lock } = keeper(directory, { wall, ran: 77 })
    expect([lock.leftMs(), lock.current() !== null]).toEqual([left, left > 0])
  })

  it('a clock that begins anew with every start does not lock for ever', () => {
    const directory = temporaryDirectory()
    keeper(directory, { wall: 1_000_000, ran: 0 }).lock.lock('surgery', 1_000_000 + HOUR)
    const starts = [3, 2, 1].map((wall) => keeper(directory, { wall, ran: 0 }).lock.leftMs())
    expect(starts).toEqual([HOUR, 0, 0])
  })

  it('delays the switch, not the download; a failing model is taken back all the same', async () => {
    const life = live()
    await converged(life, 1, { q: v1 }, { probation: { inferences: 0 } })
    await converged(life, 2, { q: v2 })
    life.convergence.lock('surgery', life.clock.wall + HOUR)
    life.convergence.order(signedOrder(3, { q: v3 }))
    await until(() => state(life)?.state === 'staged', 'staged')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([state(life)?.state, serves(life)['q'], life.runtime.probed.length]).toEqual(['staged', v2.digest, 2])
    expect(life.convergence.currentLock()).toMatchObject({ reason: 'surgery', until: life.clock.wall + HOUR })
    life.beat({ [v2.digest]: { inferences: 20, failed: 20 } })
    await until(() => serves(life)['q'] === v1.digest, 'taken back')
    await until(() => state(life)?.state === 'staged', 'staged again')
    life.clock.ran += HOUR
    life.convergence.connected()
    await until(() => serves(life)['q'] === v3.digest, 'activated after its end')
    expect(life.names().filter((name) => name.startsWith('lock.'))).toEqual(['lock.set', 'lock.ended'])
  })

  it('calls off a probe that runs, without counting it as a try; taking it off goes on at once', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.runtime.gate = new Promise(() => undefined)
    life.convergence.order(signedOrder(2, { q: v2 }))
    for (let i = 0; i < 12; i += 1) {
      await until(() => state(life)?.state === 'probing', 'probing')
      life.convergence.lock('surgery', life.clock.wall + HOUR)
      await until(() => state(life)?.state === 'staged', 'called off')
      expect(life.convergence.unlock()).toBe(true)
    }
    life.runtime.gate = null
    life.convergence.lock('again', life.clock.wall + HOUR)
    life.convergence.unlock()
    await until(() => serves(life)['q'] === v2.digest, 'activated')
    expect(life.convergence.unlock()).toBe(false)
  })

  it('is asked for over the local API, and answers in its words', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    const parts = { convergence: life.convergence, status: () => ({ running: true }) as never }
    const lock = { reason: 'surgery', until: life.clock.wall + HOUR }
    expect(answerAsk({ kind: 'lock', lock }, parts)).toEqual({ ...lock, since: life.clock.wall })
    expect(answerAsk({ kind: 'unlock' }, parts)).toEqual({ wasLocked: true })
    expect(answerAsk({ kind: 'status' }, parts)).toEqual({ running: true })
    expect(() => answerAsk({ kind: 'revert', deployment: 'q', reason: '' }, parts)).toThrow(
      expect.objectContaining({ code: 'revert.nothing', message: 'q has no last good version to go back to.' }),
    )
  })
})
