import { expect, test } from 'vitest'
import { openWriteWatch } from '../../../../../../electron/core/store/fleet/write-watch.ts'
import { Problem } from '../../../../../../shared/domain/problem.ts'

function watch({ isFull = false } = {}) {
  const seen: string[] = []
  let now = 0
  let held = false
  const made = openWriteWatch({
    ballast: {
      get isHeld() {
        return held
      },
      isDiskFull: () => isFull,
      hold: () => {
        held = true
        seen.push('hold')
        return true
      },
      release: () => {
        const had = held
        held = false
        if (had) seen.push('release')
        return had
      },
    },
    monotonic: () => now,
    onFatal: (problem) => seen.push(problem.code),
  })
  return { made, seen, pass: (ms: number) => void (now += ms) }
}
const ioError = new Problem('store.io-error', 'the disk says no')

test('case 33: an I/O error once is told, and gone with the next success', () => {
  const { made, seen, pass } = watch()
  made.bad(ioError)
  expect(made.problem?.code).toBe('store.io-error')
  pass(70_000)
  made.good()
  expect(made.problem).toBeNull()
  for (let n = 0; n < 4; n += 1) made.bad(ioError)
  pass(70_000)
  made.good()
  expect(seen).toEqual(['hold'])
  made.stop()
})

test('case 33: I/O errors of a minute without a success end the console', () => {
  const { made, seen, pass } = watch()
  for (let n = 0; n < 6; n += 1) {
    made.bad(ioError)
    expect(seen).toEqual(['hold'])
    pass(10_000)
  }
  made.bad(ioError)
  expect(seen).toEqual(['hold', 'store.io-error'])
  made.stop()
})

test('case 33: a full disk releases the ballast and never ends the console', () => {
  const { made, seen, pass } = watch({ isFull: true })
  for (let n = 0; n < 20; n += 1) {
    // Some full disks call it an I/O error.
    made.bad(n % 2 === 0 ? new Problem('store.disk-full', 'full') : ioError)
    pass(10_000)
  }
  expect(seen).toEqual(['hold', 'release'])
  expect(made.problem?.code).toBe('store.disk-full')
  made.stop()
})
