import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { journalDeployment, openJournal } from '../../../../agent/converge/journal.ts'
import { openModel } from '../../../../agent/library/open-model.ts'
import { deploymentName } from '../../../../shared/domain/ids.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { labelledRows, sampleManifest, samplePath, samples } from '../../../harness/manifest.ts'

const rows = labelledRows('digits/holdout.csv', 4)
const labels = rows.map(({ label }) => label)
const pixels = rows.map(({ row }) => row)

/** A folder as a data scientist hands it over. */
function bundleFolder(bundle: object): string {
  const folder = join(temporaryDirectory(), 'digits')
  mkdirSync(folder)
  copyFileSync(samplePath(samples.digits120), join(folder, 'model.onnx'))
  writeFileSync(join(folder, 'bundle.json'), JSON.stringify(bundle))
  return folder
}

const classesOf = (outcomes: readonly unknown[] | null) => outcomes?.map((one) => (one as { label: string }).label)

describe('a model in this process', () => {
  it('is opened from a folder, and answers as the README says', async () => {
    const folder = bundleFolder({ model: 'digits', version: '1.2.0', task: 'classification', labels: Array.from('0123456789') })
    const example = /```ts\n([\s\S]*?)```/.exec(readFileSync('agent/library/README.md', 'utf8'))![1]!
    const body = example
      .replace(/^import .*$/m, '')
      .replace('bundles/digits', folder)
      .replace('console.log', 'said.push')
    const said: unknown[] = []
    const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
      ...names: string[]
    ) => (...values: unknown[]) => Promise<void>
    await new AsyncFunction('openModel', 'row', 'said', body)(openModel, pixels[0], said)
    expect(said).toEqual(['1.2.0', [expect.objectContaining({ kind: 'class', label: labels[0] })]])
  })

  it('is opened from an ONNX file alone, with its labels and outcome guessed as at an import', async () => {
    const model = await openModel(samplePath(samples.digits120))
    expect(model.metadata).toMatchObject({
      model: 'digits-1.2.0',
      task: 'classification',
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
    })
    const nested = await model.predict({ pixels })
    expect(classesOf(nested.outcomes)).toEqual(labels)
    expect(nested.isFinite).toBe(true)
    const flat = await model.predict({ pixels: Float32Array.from(pixels.flat()) })
    expect(flat.outputs).toEqual(nested.outputs)
    model.close()
    await expect(model.predict({ pixels })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('is the one that an agent serves, read only', async () => {
    const directory = temporaryDirectory()
    const manifest = sampleManifest(samples.digits120)
    const bytes = Buffer.from(JSON.stringify(manifest))
    const digest = createHash('sha256').update(bytes).digest('hex')
    mkdirSync(join(directory, 'artifacts'))
    writeFileSync(join(directory, 'artifacts', digest), bytes)
    copyFileSync(samplePath(samples.digits120), join(directory, 'artifacts', manifest.artifacts.model.sha256))
    const { journal } = openJournal(directory, 0)
    const active = { digest, model: 'digits', version: '1.2.0', since: 0 }
    const reader = journalDeployment.parse({
      state: 'active',
      active,
      candidate: null,
      lastGood: null,
      attempts: 0,
      rejected: [],
      problem: null,
    })
    journal.save({ ...journal.state, deployments: { [deploymentName.parse('reader')]: reader } })
    const model = await openModel({ agent: directory, deployment: 'reader' })
    expect(classesOf((await model.predict({ pixels })).outcomes)).toEqual(labels)
    await expect(openModel({ agent: directory, deployment: 'nobody' })).rejects.toMatchObject({ code: 'inference.not-found' })
  })

  it.each([
    { name: 'an input that is not there', inputs: { image: [[1]] }, code: 'inference.bad-input' },
    { name: 'a row that is too short', inputs: { pixels: [[1, 2]] }, code: 'inference.bad-input' },
    { name: 'a text for a number', inputs: { pixels: [['x', ...pixels[0]!.slice(1)]] }, code: 'inference.bad-input' },
  ])('refuses $name', async ({ inputs, code }) => {
    const model = await openModel(samplePath(samples.digits120))
    await expect(model.predict(inputs)).rejects.toMatchObject({ code })
  })

  it.each([
    { name: 'a file that is no model', make: () => file('garbage'), code: 'model.invalid' },
    { name: 'a path that leads nowhere', make: () => '/nowhere/x.onnx', code: 'model.invalid' },
    { name: 'a bundle.json that says what no bundle says', make: () => bundleFolder({ colour: 'red' }), code: 'bundle.invalid' },
    {
      name: 'an outcome that no output has',
      make: () => bundleFolder({ task: 'classification', outcome: { label: 'nothing' } }),
      code: 'bundle.invalid',
    },
  ])('refuses $name before it is loaded', async ({ make, code }) => {
    await expect(openModel(make())).rejects.toMatchObject({ code })
  })
})

function file(content: string): string {
  const path = join(temporaryDirectory(), 'model.onnx')
  writeFileSync(path, content)
  return path
}
