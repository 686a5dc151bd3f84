import { expect, test } from 'vitest'
import { startJobs } from '../../../../../electron/core/jobs/jobs.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a job that waits is cancelled at once, and its work is still told so that it lets go of what it holds', async () => {
  const jobs = startJobs({ onChange: () => undefined })
  const [first, second] = [jobs.reserve('a'), jobs.reserve('b')]
  const gate = Promise.withResolvers<string>()
  jobs.run(first, () => gate.promise)
  const seen: boolean[] = []
  jobs.run(second, async ({ signal }) => {
    seen.push(signal.aborted)
    throw new Problem('cancelled', 'It was cancelled.')
  })
  await settled()
  expect(jobs.cancel(second)).toBe(true)
  expect([jobs.show(second).state, seen]).toEqual(['cancelled', []])
  gate.resolve('made')
  await settled()
  expect(jobs.show(first)).toMatchObject({ state: 'done', result: 'made', progress: 1 })
  expect([jobs.show(second).state, seen]).toEqual(['cancelled', [true]])
  expect(jobs.cancel(second)).toBe(false)
  await jobs.stop()
})

test('a job that fails says why; one that nobody knows is no job', async () => {
  const jobs = startJobs({ onChange: () => undefined })
  const job = jobs.reserve('a')
  jobs.run(job, () => Promise.reject(new Problem('data.invalid', 'Row 3 is not a number.')))
  await settled()
  expect(jobs.show(job)).toMatchObject({ state: 'failed', problem: { code: 'data.invalid', message: 'Row 3 is not a number.' } })
  expect(() => jobs.show('absent')).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  await jobs.stop()
})
