import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { csvRows } from '../../shared/domain/csv.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { wilsonInterval } from '../../shared/stats/proportion-interval.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
import { call, inferBody } from '../harness/local-api.ts'

const MUSTER = 'electron/core/cli.ts'
const ROWS = 24

test(
  'samples of a real device are labelled by people, a file and the device itself; the accuracy is that of the rows',
  { timeout: 180_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host, agents, directory } = fleet
    const rpc = host.rpc!
    const muster = async <Answer>(...args: string[]): Promise<Answer> =>
      JSON.parse(await runProgram(MUSTER, [...args, '--json', '--data', host.data])) as Answer
    await importSample(host, 'digits', '1.0.0')
    await rpc.call('config.set', { target: { scope: 'fleet' }, settings: { samplesPerWindow: 100, windowSeconds: 1 } })
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const truths = new Map<string, string>()
    const said = new Map<string, string>()
    for (const [i, values] of stream.rows.slice(0, ROWS).entries()) {
      const { body } = await call(`${agents[0]!.url}/v2/models/digits/infer`, { body: inferBody('pixels', [values], { id: `row-${i}` }) })
      truths.set(`row-${i}`, stream.labels[i]!)
      said.set(`row-${i}`, String(body.outputs[0].data[0]))
    }
    const clientId = (prediction: string): string => prediction.slice(0, prediction.lastIndexOf('~'))
    const isRight = (id: string): boolean => truths.get(id) === said.get(id)
    const queue = await until('the samples to arrive', 60, async () => {
      const shown = await rpc.call('labelling.queue', { by: 'ann', limit: 100 })
      return shown.total === ROWS ? shown : null
    })
    expect(
      queue.tasks.every(({ image, predicted, prediction }) => image?.width === 8 && predicted === said.get(clientId(prediction))),
    ).toBe(true)
    expect(new Set(queue.tasks.map(({ task }) => task)).size).toBe(ROWS)

    // A person, through the command line and the interface.
    const next = await muster<{ task: { task: string; prediction: string } }>('labels', 'next', '--by', 'ann')
    const first = await muster<OutputOf<'labelling.label'>>(
      ...['labels', 'set', next.task.task, truths.get(clientId(next.task.prediction))!, '--by', 'ann'],
    )
    expect(first).toMatchObject({ settled: truths.get(clientId(next.task.prediction)), progress: { labelled: 1, open: ROWS - 1 } })
    expect(await muster('labels', 'undo', '--by', 'ann')).toEqual({ task: next.task.task, was: first.settled })
    for (const { task, prediction } of queue.tasks.slice(0, 10))
      await rpc.call('labelling.label', { task, label: truths.get(clientId(prediction))!, by: 'ann' })

    // A file, of which two lines cannot be taken.
    const file = join(directory, 'labels.csv')
    const ids = queue.tasks.slice(10, 20).map(({ prediction }) => clientId(prediction))
    writeFileSync(file, `prediction,label\n${ids.map((id) => `${id},${truths.get(id)!}`).join('\n')}\nnobody,3\n${ids[0]},eleven\n`)
    const imported = await runProgram(MUSTER, ['labels', 'import', file, '--json', '--data', host.data]).catch((error: unknown) =>
      String(error),
    )
    expect(imported).toContain('labelling.not-found')
    expect(imported).toContain('feedback.bad-label')
    expect(await rpc.call('labelling.progress', {})).toMatchObject({ labelled: 20, open: ROWS - 20 })

    // The device itself: what it knows is not asked, and counts there.
    const known = clientId(queue.tasks[20]!.prediction)
    const told = await call(`${agents[0]!.url}/v2/models/digits/feedback`, { body: { id: known, label: truths.get(known)! } })
    expect(told.status).toBeLessThan(300)
    const progress = await until('the feedback to arrive', 60, async () => {
      const shown = await rpc.call('labelling.progress', { model: 'digits', version: '1.0.0' })
      return shown.accuracy?.rows === 21 ? shown : null
    })
    const right = [...queue.tasks.slice(0, 21)].filter(({ prediction }) => isRight(clientId(prediction))).length
    expect(progress).toMatchObject({ labelled: 20, open: ROWS - 21, accuracy: { value: right / 21, ...wilsonInterval(right, 21)! } })
    expect(progress.weighted).not.toBeNull()

    const exported = join(directory, 'exported.csv')
    expect(await muster('labels', 'export', exported)).toMatchObject({ rows: { length: 20 } })
    const lines = csvRows(readFileSync(exported, 'utf8'), 'export')
    const column = (name: string): number => lines[0]!.indexOf(name)
    for (const line of lines.slice(1)) expect(line[column('label')]).toBe(truths.get(clientId(line[column('prediction')]!)))
    expect(column('pixel_7_7')).toBeGreaterThan(0)
    expect(await muster('labels', 'agreement')).toMatchObject({ rows: 0, agreement: null, kappa: null })
  },
)
