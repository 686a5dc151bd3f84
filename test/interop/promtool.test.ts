import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { inferBody, startTestedGenerations } from '../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../harness/manifest.ts'

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
if (!hasPromtool) process.stderr.write('promtool (Debian package prometheus) is not installed: its check of the metrics is skipped\n')

test.skipIf(!hasPromtool)('the metrics of an agent are clean to promtool, with answers and refusals counted', async () => {
  const tested = await startTestedGenerations()
  onTestFinished(() => tested.stop())
  await tested.serve([sampleDeployment('reader', samples.digits110)])
  const { row } = labelledRows('digits/holdout.csv', 1)[0]!
  const path = `${tested.url}/v2/models/reader/infer`
  await fetch(path, { method: 'POST', body: JSON.stringify(inferBody('pixels', [row, row])) })
  await fetch(path, { method: 'POST', body: JSON.stringify(inferBody('wrong', [row])) })
  const metrics = await (await fetch(`${tested.url}/metrics`)).text()
  expect(metrics).toMatch(/^muster_inference_requests_total\{[^}]*code="ok"[^}]*\} 1$/m)
  expect(metrics).toMatch(/^muster_inference_requests_total\{[^}]*code="inference.bad-input"[^}]*\} 1$/m)
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' })
  expect([checked.status, checked.stdout + checked.stderr]).toEqual([0, ''])
})
