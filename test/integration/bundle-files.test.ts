import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { addModelsCommands } from '../../electron/core/cli/models-commands.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { BundleFileImported, BundleFileWritten } from '../../shared/rpc/contract/bundle-files.ts'
import { deployEverywhere, importSample } from '../harness/console.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

/** Runs `muster` against a console as a person would. */
const muster = (host: LocalConsole, ...args: string[]): Promise<Ran> =>
  runCommand(addModelsCommands, ['--data', host.data, '--json', ...args])

async function startConsole(directory: string, fleet: string): Promise<LocalConsole> {
  const host = await LocalConsole.start(join(directory, fleet), ['--fleet', fleet, '--log-level', 'error'])
  onTestFinished(() => host.crash())
  return host
}

test('a version leaves one fleet as a file and serves on a device of another, under the same digest', { timeout: 600_000 }, async () => {
  const directory = temporaryDirectory()
  const [there, here] = [await startConsole(directory, 'lab'), await startConsole(directory, 'plant')]
  const { digest } = await importSample(there, 'digits', '1.1.0')
  const file = join(directory, 'digits.muster')
  const exported = await muster(there, 'models', 'export', 'digits@1.1.0', '--out', file, '--with-holdout')
  expect(exported).toMatchObject({ exit: 0 })
  const written = exported.json() as BundleFileWritten
  expect(written).toMatchObject({ file, model: 'digits', version: '1.1.0', digest, hasHoldout: true })
  expect(readFileSync(file).length).toBe(written.sizeBytes)

  // What is there is not written over, nothing is written into the data of the console, and a wrong name is found out first.
  expect(await muster(there, 'models', 'export', 'digits@1.1.0', '--out', file)).toMatchObject({ exit: 5 })
  expect(await muster(there, 'models', 'export', 'digits@1.1.0', '--out', file, '--replace')).toMatchObject({ exit: 0 })
  expect(await muster(there, 'models', 'export', 'digits@1.1.0', '--out', join(there.data, 'x.muster'))).toMatchObject({ exit: 3 })
  expect(await muster(there, 'models', 'export', 'digits@9.9.9', '--out', join(directory, 'x.muster'))).toMatchObject({ exit: 4 })
  expect(existsSync(join(directory, 'x.muster'))).toBe(false)
  expect(await muster(there, 'models', 'export', 'digits@1.1.0', '--out', file, '--replace', '--with-holdout')).toMatchObject({ exit: 0 })

  const stranger = await muster(here, 'models', 'import-file', file, '--signed-by', '0'.repeat(32))
  expect([stranger.exit, stranger.json()]).toEqual([3, { error: expect.objectContaining({ code: 'bundle.file-signer' }) }])
  const changed = join(directory, 'changed.muster')
  writeFileSync(changed, Buffer.concat([readFileSync(file), Buffer.alloc(512)]))
  expect(await muster(here, 'models', 'import', changed)).toMatchObject({ exit: 3, out: expect.stringContaining('bundle.file-invalid') })
  expect(await muster(here, 'models', 'import', file, '--as', 'other@1.0.0')).toMatchObject({ exit: 2 })
  expect((await here.rpc!.call('models.list', {})).versions).toEqual([])

  const imported = await muster(here, 'models', 'import-file', file, '--signed-by', written.signedBy)
  expect(imported).toMatchObject({ exit: 0 })
  const made = imported.json() as BundleFileImported
  expect(made).toMatchObject({ model: 'digits', version: '1.1.0', digest, signedBy: written.signedBy, isOwn: false })
  expect(made.evaluation!.metrics['accuracy']).toBeCloseTo(0.964736, 6)
  expect((await muster(there, 'models', 'import', file)).json()).toMatchObject({ digest, isOwn: true })

  const agent = await LocalAgent.join(here.rpc!, join(directory, 'cam-1'), { device: 'cam-1' })
  onTestFinished(() => agent.crash())
  await deployEverywhere({ host: here, agents: [agent], directory, mosquitto: null }, 'digits', '1.1.0')
  const stream = readStream('build/samples/digits/stream.csv')
  const body = JSON.stringify({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: stream.rows[0] }] })
  const answer = (await until('the model to answer', 10, async () => {
    const response = await fetch(`${agent.url}/v2/models/digits/infer`, { method: 'POST', body })
    return response.ok ? response.json() : null
  })) as { outputs: { name: string; data: number[] }[] }
  expect(answer.outputs.find((output) => output.name === 'label')?.data).toEqual([Number(stream.labels[0])])
})
