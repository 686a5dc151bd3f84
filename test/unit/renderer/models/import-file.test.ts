import { describe, expect, test } from 'vitest'
import { signerWords, stateWords, whyNot } from '../../../../renderer/screens/models/import-file/file-words.ts'
import { FileSender, noFile, type Send, type SentFile } from '../../../../renderer/screens/models/import-file/sent-file.ts'
import { Problem } from '../../../../shared/domain/problem.ts'

/** A sender whose discarded tickets and states are kept. */
function openSender() {
  const discarded: string[] = []
  const states: SentFile[] = []
  const sender = new FileSender({ discard: (ticket) => discarded.push(ticket), onChange: (file) => states.push(file) })
  return { sender, discarded, states }
}

/** A sending that a test drives. */
function driven() {
  let told: Parameters<Send>[0] | null = null
  let end: { resolve(ticket: string): void; reject(error: unknown): void } | null = null
  const send: Send = (given) => {
    told = given
    return new Promise((resolve, reject) => (end = { resolve, reject }))
  }
  return { send, told: () => told!, end: () => end! }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('a file on its way', () => {
  test('is told from its name to its ticket, and belongs to the job that takes it', async () => {
    const { sender, discarded, states } = openSender()
    const sending = driven()
    sender.send('wine.muster', sending.send)
    sending.told().onTicket('t1')
    sending.told().onProgress(0.5)
    sending.end().resolve('t1')
    await settled()
    expect(states.slice(-3)).toEqual([
      { ...noFile, name: 'wine.muster' },
      { ...noFile, name: 'wine.muster', share: 0.5 },
      { ...noFile, name: 'wine.muster', share: 1, ticket: 't1' },
    ])
    sender.handToJob()
    sender.clear()
    expect([sender.now, discarded]).toEqual([noFile, []])
  })

  test('is broken off by a newer one, whose ticket alone counts', async () => {
    const { sender, discarded } = openSender()
    const [first, second] = [driven(), driven()]
    sender.send('a.muster', first.send)
    first.told().onTicket('t1')
    sender.send('b.muster', second.send)
    expect([first.told().signal.aborted, discarded]).toEqual([true, ['t1']])
    first.end().resolve('t1')
    await settled()
    expect(sender.now).toEqual({ ...noFile, name: 'b.muster' })
    // The answer to a sending that was given up comes late.
    const third = driven()
    sender.send('c.muster', third.send)
    second.told().onTicket('t2')
    expect(discarded).toEqual(['t1', 't2'])
  })

  test('that is refused says why, and leaves nothing with the core', async () => {
    const { sender, discarded } = openSender()
    const sending = driven()
    sender.send('a.muster', sending.send)
    sending.told().onTicket('t1')
    sending.end().reject(new Problem('store.disk-full', 'No space.'))
    await settled()
    expect(sender.now).toMatchObject({ ticket: null, problem: { code: 'store.disk-full', message: 'No space.' } })
    sender.clear()
    expect(discarded).toEqual(['t1'])
  })
})

describe('words', () => {
  const found = {
    ...{ model: 'wine', version: '1.0.0', digest: 'd', task: 'classification', sizeBytes: 1, fleet: 'f', exportedAt: 1 },
    ...{ signedBy: '0'.repeat(32), isOwn: false, hasBaseline: true, hasGolden: true, hasHoldout: false, state: 'new' as const },
  } as Parameters<typeof whyNot>[0] & object

  test('a signature of another console asks for a look, one of this console does not', () => {
    expect([signerWords(found).state, signerWords({ isOwn: true }).state]).toEqual(['attention', 'ok'])
    expect(signerWords(found).word).toContain('compare its id')
  })

  test('a name that other content has stops the import; the same version does not', () => {
    expect(whyNot(undefined)).not.toBeNull()
    expect(whyNot(found)).toBeNull()
    expect(whyNot({ ...found, state: 'same' })).toBeNull()
    expect(whyNot({ ...found, state: 'other' })).toContain('A version never changes')
    expect(stateWords({ ...found, state: 'other' })).toEqual({ state: 'failed', word: 'wine 1.0.0 is here with other content' })
  })
})
