import { readdirSync, readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { call, inferBody, startTestedGenerations } from '../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../harness/manifest.ts'

/** A kill takes about half a second: `MUSTER_KILLS=1000` is ten minutes. */
const KILLS = Number(process.env['MUSTER_KILLS'] ?? 30)
/** More than the deadline of a request and a start of the runtime, whatever else the machine does. */
const ANSWER_MS = 20_000
/** A start of the runtime on a machine that is busy with something else. */
const START_SECONDS = 60
const { row, label } = labelledRows('digits/holdout.csv', 1)[0]!

/** The processes of this one: their ids and the letter of their state, as the kernel has them. */
function childProcesses(): { pid: number; state: string }[] {
  const found: { pid: number; state: string }[] = []
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const [state = '', parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      if (Number(parent) === process.pid) found.push({ pid: Number(name), state })
    } catch {
      // It ended while it was looked at.
    }
  }
  return found
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

test(`case 25: ${KILLS} kills of the process of the models: each request is answered or fails in time, nothing is left behind`, async () => {
  const before = new Set(childProcesses().map(({ pid }) => pid))
  // After three crashes within a minute of this clock the next start waits: each kill is in a minute of its own.
  const clock = { ran: 0, now: () => Date.now(), monotonic: () => clock.ran + performance.now() }
  const tested = await startTestedGenerations({ clock })
  onTestFinished(() => tested.stop())
  await tested.serve([sampleDeployment('reader', samples.digits110)])
  const runtimes = (): { pid: number; state: string }[] => childProcesses().filter(({ pid }) => !before.has(pid))
  const seen: Record<string, number> = {}
  const ask = async (): Promise<string> => {
    const began = performance.now()
    const end = await call(`${tested.url}/v2/models/reader/infer`, { body: inferBody('pixels', [row]) }).then(
      ({ status, body }) => (status === 200 ? `right: ${body.parameters.label === label}` : `${status} ${body.code}`),
      (error: { code?: string }) => String(error.code),
    )
    expect(performance.now() - began).toBeLessThan(ANSWER_MS)
    seen[end] = (seen[end] ?? 0) + 1
    return end
  }
  expect(await ask()).toBe('right: true')
  const files: number[] = []
  for (let kill = 1; kill <= KILLS; kill += 1) {
    clock.ran += 61_000
    const [victim] = runtimes()
    // One request is under way when the process dies, one comes when it is gone.
    const under = ask()
    process.kill(victim!.pid, 'SIGKILL')
    await until(`crash ${kill} to be told`, START_SECONDS, () => Promise.resolve(tested.crashes.length === kill))
    const [first, second] = await Promise.all([under, ask()])
    // A slow machine may need longer than the five seconds for which a connection waits: it is told so.
    for (const end of [first, second]) expect(['right: true', 'ECONNRESET', '503 runtime.not-ready']).toContain(end)
    await until('an answer', START_SECONDS, async () => (await ask()) === 'right: true')
    await until('one process of the models', START_SECONDS, () => Promise.resolve(runtimes().length === 1))
    expect(runtimes()[0]!.state).not.toBe('Z')
    files.push(openFiles())
  }
  process.stdout.write(
    `${KILLS} kills of the process of the models: ${JSON.stringify(seen)}; open files ${files[0]} after the first, ${files.at(-1)} after the last\n`,
  )
  expect(files.at(-1)!).toBeLessThanOrEqual(files[0]! + 8)
})
