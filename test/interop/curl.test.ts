import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../harness/fleet.ts'
import { inferBody, startTestedGenerations } from '../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../harness/manifest.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0
if (!hasCurl) process.stderr.write('curl is not installed: the session with it is skipped\n')

/** @returns status and body */
async function curl(...words: string[]): Promise<[number, string]> {
  const { stdout } = await promisify(execFile)('curl', ['-sS', '-w', '\n%{http_code}', ...words], { encoding: 'latin1' })
  const at = stdout.lastIndexOf('\n')
  return [Number(stdout.slice(at + 1)), stdout.slice(0, at)]
}

test.skipIf(!hasCurl)('a session with curl: health, metadata, JSON, bytes behind JSON, bytes alone, and what is wrong', async () => {
  const tested = await startTestedGenerations()
  onTestFinished(() => tested.stop())
  await tested.serve([sampleDeployment('reader', samples.digits110)])
  const { row } = labelledRows('digits/holdout.csv', 1)[0]!
  const model = `${tested.url}/v2/models/reader`
  expect(await curl(`${tested.url}/v2/health/ready`)).toEqual([200, expect.stringContaining('"ready":true')])
  expect(await curl(model)).toEqual([200, expect.stringContaining('"name":"pixels"')])

  const asJson = ['-H', 'Content-Type: application/json', `${model}/infer`]
  const [status, body] = await curl(...asJson, '-d', JSON.stringify(inferBody('pixels', [row])))
  const answer = JSON.parse(body) as { outputs: { name: string; data: number[] }[] }
  const label = answer.outputs.find(({ name }) => name === 'label')!.data[0]!
  expect([status, Number.isInteger(label)]).toEqual([200, true])

  const directory = temporaryDirectory()
  const bytes = Buffer.from(Float32Array.from(row).buffer)
  const header = JSON.stringify({
    inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', parameters: { binary_data_size: bytes.length } }],
    outputs: [{ name: 'label', parameters: { binary_data: true } }],
  })
  writeFileSync(join(directory, 'request.bin'), Buffer.concat([Buffer.from(header), bytes]))
  writeFileSync(join(directory, 'row.bin'), bytes)
  const length = (bytesOfHeader: number): string[] => ['-H', `Inference-Header-Content-Length: ${bytesOfHeader}`]
  const [binaryStatus, binary] = await curl(
    ...length(header.length),
    `${model}/infer`,
    '--data-binary',
    `@${join(directory, 'request.bin')}`,
  )
  expect([binaryStatus, Buffer.from(binary, 'latin1').readBigInt64LE(binary.length - 8)]).toEqual([200, BigInt(label)])
  const [rawStatus, raw] = await curl(...length(0), `${model}/infer`, '--data-binary', `@${join(directory, 'row.bin')}`)
  expect([rawStatus, raw.includes('"name":"label"')]).toEqual([200, true])

  expect(await curl(...asJson, '-d', '{"inputs":[]}')).toEqual([400, expect.stringContaining('"code":"inference.bad-input"')])
  expect(await curl(`${tested.url}/v2/models/nobody`)).toEqual([404, expect.stringContaining('"code":"inference.not-found"')])
})
