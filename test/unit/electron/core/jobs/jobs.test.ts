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

test('the list shows what runs and waits first, then what ended, newest first, each with its title and times', async () => {
  let now = 1000
  const changes: number[] = []
  const jobs = startJobs({ onChange: () => changes.push(now), now: () => now })
  const run = async (title: string, work: () => Promise<unknown>): Promise<void> => {
    jobs.run(newJobId(), { kind: 'models.import', title }, work)
    await settled()
    now += 1000
  }
  await run('Import one.onnx', () => Promise.resolve('made'))
  await run('Import two.onnx', () => Promise.reject(new Problem('model.invalid', 'It is no ONNX file.')))
  const gate = Promise.withResolvers<string>()
  await run('Import three.onnx', () => gate.promise)
  await run('Import four.onnx', () => Promise.resolve('made'))
  expect(jobs.list(50).map(({ title, state, startedAt, endedAt, note }) => [title, state, startedAt, endedAt, note])).toEqual([
    ['Import three.onnx', 'running', 3000, null, 'waiting'],
    ['Import four.onnx', 'running', 4000, null, 'waiting'],
    ['Import two.onnx', 'failed', 2000, 2000, 'failed'],
    ['Import one.onnx', 'done', 1000, 1000, 'done'],
  ])
  expect(jobs.list(2).map(({ title }) => title)).toEqual(['Import three.onnx', 'Import four.onnx'])
  // The views hear of a job also while it waits.
  expect(changes.filter((at) => at === 4000).length).toBeGreaterThan(0)
  gate.resolve('made')
  await settled()
  expect(jobs.list(1).map(({ title, endedAt }) => [title, endedAt])).toEqual([['Import four.onnx', 5000]])
  await jobs.stop()
})
