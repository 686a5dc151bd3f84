import { expect, test } from 'vitest'
import { newJobId, startJobs } from '../../../../../electron/core/jobs/jobs.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a job that waits is cancelled at once, and its work is still told so that it lets go of what it holds', async () => {
  const jobs = startJobs({ onChange: () => undefined })
  const [first, second] = [newJobId(), newJobId()]
  const gate = Promise.withResolvers<string>()
  jobs.run(first, 'a', () => gate.promise)
  const seen: boolean[] = []
  jobs.run(second, 'b', async ({ signal }) => {
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
  const job = newJobId()
  jobs.run(job, 'a', () => Promise.reject(new Problem('data.invalid', 'Row 3 is not a number.')))
  await settled()
  expect(jobs.show(job)).toMatchObject({ state: 'failed', problem: { code: 'data.invalid', message: 'Row 3 is not a number.' } })
  expect(() => jobs.show('absent')).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  await jobs.stop()
})
